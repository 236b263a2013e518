import type { CallView } from '../../../admin/api.ts'
import { useCall } from '../../api/queries.ts'
import { plural } from '../../format/amount.ts'
import { span } from '../../format/time.ts'
import { CallbackTable } from '../../parts/callback-table.tsx'
import { CopyButton } from '../../parts/copy.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { callVerdict, lanesOf } from './lanes.ts'
import { SwimLanes } from './swim-lanes.tsx'

/** Every callback of one call: what came, in which order, what is missing. */
export function CallScreen({ callId }: { readonly callId: string }) {
  const call = useCall(callId)
  return (
    <Fetched of={call} what="the call">
      {(view) => <Call call={view} />}
    </Fetched>
  )
}

function Call({ call }: { readonly call: CallView }) {
  const { callbacks } = call
  const verdict = callVerdict(callbacks)
  const [first] = callbacks
  const last = callbacks.at(-1)
  const length = (last?.received_at ?? 0) - (first?.received_at ?? 0)
  useRowKeys()
  return (
    <>
      <div className="screen-head">
        <h1 className="copyable">
          <span className="soft">Call</span> <span className="mono foreign">{call.call_id}</span>
          <CopyButton text={call.call_id} what="the call id" />
        </h1>
        <p className="lead">
          {plural(callbacks.length, 'callback')} in {span(length)}
          {first !== undefined && (
            <>
              , since <Moment at={first.received_at} how="full" />
            </>
          )}
        </p>
      </div>
      <p className="call-verdict">
        <Mark tone={verdict.isGood ? 'good' : 'warn'} word={verdict.text} />
      </p>
      <section className="panel panel-body" aria-label="Steps of the call">
        <SwimLanes lanes={lanesOf(callbacks)} />
      </section>
      <section className="panel" aria-label="Callbacks">
        <CallbackTable rows={callbacks} label="Callbacks of the call" isOneCall />
      </section>
    </>
  )
}
