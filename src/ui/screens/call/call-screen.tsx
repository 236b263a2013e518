import './call.css'

import type { CallView } from '../../../admin/api.ts'
import { useCall } from '../../api/queries.ts'
import { plural } from '../../format/amount.ts'
import { span } from '../../format/time.ts'
import { CallbackTable } from '../../parts/callback-table.tsx'
import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { callVerdict, lanesOf, lostOf } from './lanes.ts'
import { SwimLanes } from './swim-lanes.tsx'

/** Every callback of one call: what came, in which order, what is missing. */
export function CallScreen({ id }: { readonly id: string }) {
  return (
    <Fetched of={useCall(id)} what="the call" isScreen>
      {(view) => <Call call={view} />}
    </Fetched>
  )
}

function Call({ call }: { readonly call: CallView }) {
  const { callbacks } = call
  useRowKeys()
  return (
    <>
      <Head call={call} />
      <Panel title="Steps of the call" tools={<Legend />}>
        <SwimLanes lanes={lanesOf(callbacks)} />
      </Panel>
      <Panel title="Callbacks" note={plural(callbacks.length, 'callback')} isFlush>
        <CallbackTable rows={callbacks} label="Callbacks of the call" isOneCall />
      </Panel>
    </>
  )
}

function Head({ call }: { readonly call: CallView }) {
  const { callbacks } = call
  const verdict = callVerdict(callbacks)
  const lost = lostOf(callbacks)
  const [first] = callbacks
  const length = (callbacks.at(-1)?.received_at ?? 0) - (first?.received_at ?? 0)
  return (
    <div className="verdict" data-tone={verdict.isGood ? 'good' : 'warn'}>
      <div className="verdict-title">
        <h1 className="copyable">
          <span className="soft">Call</span>&nbsp;<span className="mono foreign">{call.call_id}</span>
          <CopyButton text={call.call_id} what="the call id" />
        </h1>
        {lost.length > 0 && (
          <div className="tools">
            <ReplayButton
              order={{ ids: lost.map(({ id }) => id) }}
              label={lost.length === 1 ? 'Send the missing one again' : `Send ${lost.length} missing again`}
            />
          </div>
        )}
      </div>
      <p className="call-verdict" data-tone={verdict.isGood ? 'good' : 'warn'}>
        <Icon name={verdict.isGood ? 'good' : 'warn'} />
        {verdict.text}
      </p>
      {first !== undefined && (
        <p className="call-when">
          {plural(callbacks.length, 'callback')} in {span(length)}, since{' '}
          <Moment at={first.received_at} how="full" />
        </p>
      )}
    </div>
  )
}

function Legend() {
  return (
    <ul className="legend call-legend" aria-hidden="true">
      <li>
        <Icon name="good" /> taken
      </li>
      <li>
        <Icon name="warn" /> waits
      </li>
      <li>
        <Icon name="bad" /> not taken
      </li>
    </ul>
  )
}
