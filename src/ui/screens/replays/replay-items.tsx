import { useState } from 'react'

import type { CallbackDetail, ReplayItem, ReplayView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { useCallbackDetail } from '../../api/queries.ts'
import { count } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { ReplyDiff } from '../../parts/reply-diff.tsx'
import { outcomeWords } from '../../words/outcomes.ts'
import { replayItemWords } from '../../words/replays.ts'

const MOST_ROWS = 200

/** Each callback of a replay; of those that were sent, what the handler said this time. */
export function ReplayItems({ view }: { readonly view: ReplayView }) {
  const shown = view.items.slice(0, MOST_ROWS)
  return (
    <>
      <div className="scroll-x" role="region" aria-label="Callbacks of the replay" tabIndex={0}>
        <table className="table folds">
          <thead>
            <tr>
              <th>State</th>
              <th>Arrived</th>
              <th>Event</th>
              <th>Call</th>
              <th>
                <span className="unseen">Reply</span>
              </th>
            </tr>
          </thead>
          {shown.map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </table>
      </div>
      {view.total > MOST_ROWS && <p className="panel-foot soft">and {count(view.total - MOST_ROWS)} more</p>}
    </>
  )
}

function Item({ item }: { readonly item: ReplayItem }) {
  const [isOpen, setOpen] = useState(false)
  const { tone, word } = replayItemWords(item.state)
  const outcome = item.state === 'failed' ? `: ${outcomeWords(item.outcome)?.label ?? item.outcome}` : ''
  const wasSent = item.state === 'delivered' || item.state === 'failed'
  return (
    <tbody>
      <tr>
        <td className="fit">
          <Mark tone={tone} word={word + outcome} />
        </td>
        <td className="fit end">
          <a href={addressOf(['callbacks', item.id])} data-row>
            <Moment at={item.received_at} />
          </a>
        </td>
        <td>{item.event}</td>
        <td className="call-cell line">
          <a className="mono foreign clip" href={addressOf(['calls', item.call_id])}>
            {item.call_id}
          </a>
        </td>
        <td className="fit right">
          {wasSent && (
            <button
              type="button"
              className="button tight"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              Compare replies
            </button>
          )}
        </td>
      </tr>
      {isOpen && (
        <tr className="replay-diff">
          <td colSpan={5} className="line">
            <Difference id={item.id} />
          </td>
        </tr>
      )}
    </tbody>
  )
}

function Difference({ id }: { readonly id: string }) {
  return (
    <Fetched of={useCallbackDetail(id)} what="the replies">
      {(callback) => <Compared callback={callback} />}
    </Fetched>
  )
}

/** The newest attempt beside the one before it. */
function Compared({ callback }: { readonly callback: CallbackDetail }) {
  const [before, after] = callback.attempt_rows.slice(-2)
  if (before === undefined) return <p className="soft">No attempt was written down.</p>
  if (after === undefined)
    return <p className="soft">There is one attempt only, so nothing to compare with.</p>
  return <ReplyDiff before={before} after={after} />
}
