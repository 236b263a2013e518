import type { ReactNode } from 'react'

import type { StatusView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { useStatus } from '../../api/queries.ts'
import { bytes, count } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'

type Fact = readonly [name: string, value: ReactNode]

/** The daemon itself: does it keep its promises? */
export function StatusScreen() {
  return (
    <>
      <div className="screen-head">
        <h1>Status</h1>
        <p className="lead">The daemon itself. The same in a terminal: npx ringback status, and doctor.</p>
      </div>
      <Fetched of={useStatus()} what="the state">
        {(status) => (
          <>
            <Panel title="Work" note="what waits, and what is wrong">
              <Facts facts={work(status)} />
            </Panel>
            <Panel title="Ledger" note="the durable record">
              <Facts facts={ledger(status)} />
            </Panel>
            <Panel title="Process">
              <Facts facts={process(status)} />
            </Panel>
          </>
        )}
      </Fetched>
    </>
  )
}

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="foreign numbers">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function yesNo(isGood: boolean): ReactNode {
  return <Mark tone={isGood ? 'good' : 'bad'} word={isGood ? 'yes' : 'no'} />
}

function work(status: StatusView): readonly Fact[] {
  const { rescue } = status
  return [
    ['Ready', yesNo(status.is_ready)],
    ['Under way now', count(status.in_flight)],
    [
      'Alerts firing',
      <a key="alerts" href="#/incidents">
        {count(status.alerts_firing)}
      </a>,
    ],
    [
      'Waiting for rescue',
      <a key="waiting" href={addressOf(['search'], { q: 'status:rescued' })}>
        {count(rescue.waiting)}
      </a>,
    ],
    [
      'Oldest waiting',
      rescue.oldest_at === null ? 'none' : <Moment key="at" at={rescue.oldest_at} how="ago" />,
    ],
    [
      'Dead letters',
      <a key="dead" href="#/dead-letters">
        {count(rescue.dead)}
      </a>,
    ],
    [
      'Call records of Vobiz',
      <a key="records" href="#/reconciliation">
        do they fit?
      </a>,
    ],
  ]
}

function ledger({ ledger }: StatusView): readonly Fact[] {
  return [
    ['Takes rows', yesNo(ledger.is_writable)],
    ['Where', ledger.store],
    ['Callbacks kept', count(ledger.callbacks)],
    ['Size', bytes(ledger.bytes)],
    ['Rows not yet on disk', count(ledger.queued)],
    ...(ledger.problem === '' ? [] : ([['Problem', ledger.problem]] as const)),
  ]
}

function process(status: StatusView): readonly Fact[] {
  return [
    ['Version', status.version],
    ['Node', status.node],
    ['Running since', <Moment key="since" at={status.started_at} how="full" />],
    ['Callbacks come in at', status.listen],
    ['Public address', status.public_url ?? 'not set'],
    [
      'Routes',
      <a key="routes" href="#/routes">
        {count(status.routes)}
      </a>,
    ],
    [
      'Configuration',
      <a key="config" href="#/configuration">
        {status.config.source}
      </a>,
    ],
    ['Read', <Moment key="read" at={status.config.loaded_at} how="full" />],
  ]
}
