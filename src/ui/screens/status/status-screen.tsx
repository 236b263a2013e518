import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { ReloadResult, StatusView } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { useSession, useStatus } from '../../api/queries.ts'
import { bytes, count } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { Precedence } from './precedence.tsx'

/** The daemon itself, and which configuration it runs on. */
export function StatusScreen() {
  return (
    <>
      <div className="screen-head">
        <h1>Status</h1>
        <p className="lead">The daemon itself, and the configuration it runs on.</p>
      </div>
      <Fetched of={useStatus()} what="the state">
        {(status) => (
          <>
            <Facts status={status} />
            <Config status={status} />
            <Precedence />
          </>
        )}
      </Fetched>
    </>
  )
}

function Facts({ status }: { readonly status: StatusView }) {
  const { ledger, rescue } = status
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [
      'Ready',
      <Mark key="ready" tone={status.is_ready ? 'good' : 'bad'} word={status.is_ready ? 'yes' : 'no'} />,
    ],
    ['Version', `${status.version} on Node ${status.node}`],
    ['Running since', <Moment key="since" at={status.started_at} how="full" />],
    ['Callbacks come in at', status.listen],
    ['Public address', status.public_url ?? 'not set'],
    ['Under way now', count(status.in_flight)],
    ['Alerts firing', count(status.alerts_firing)],
    ['Waiting for rescue', count(rescue.waiting)],
    ['Dead letters', count(rescue.dead)],
    ['Ledger', ledger.store],
    [
      'Ledger takes rows',
      <Mark key="rows" tone={ledger.is_writable ? 'good' : 'bad'} word={ledger.is_writable ? 'yes' : 'no'} />,
    ],
    ['Callbacks kept', `${count(ledger.callbacks)} in ${bytes(ledger.bytes)}`],
  ]
  return (
    <dl className="facts panel panel-body">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="foreign">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Config({ status }: { readonly status: StatusView }) {
  const { data: session } = useSession()
  const client = useQueryClient()
  const reload = useMutation({
    mutationFn: () => change<ReloadResult>('POST', 'reload'),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <section className="panel" aria-labelledby="config">
      <div className="panel-head">
        <h2 id="config">Configuration</h2>
        <div className="tools">
          <button
            type="button"
            className="button"
            disabled={reload.isPending || session?.role !== 'admin'}
            onClick={() => reload.mutate()}
          >
            Reload
          </button>
        </div>
      </div>
      <div className="panel-body stack">
        <p>
          <code className="foreign">{status.config.source}</code>, read{' '}
          <Moment at={status.config.loaded_at} how="full" />
        </p>
        <div role="status">
          {reload.error !== null && <Warning tone="bad">{reload.error.message}</Warning>}
          {reload.data !== undefined && <Changes result={reload.data} />}
        </div>
      </div>
    </section>
  )
}

function Changes({ result }: { readonly result: ReloadResult }) {
  if (result.changes.length === 0) return <p className="soft">Reloaded; nothing had changed.</p>
  return (
    <ul>
      {result.changes.map(({ field, text, needs_restart }) => (
        <li key={field}>
          <code>{field}</code> {text}{' '}
          <span className="soft">{needs_restart ? 'counts after a restart' : 'is in force'}</span>
        </li>
      ))}
    </ul>
  )
}
