import type { IncidentDetail } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { useReplayPlan } from '../../api/rescue-queries.ts'
import { count, plural } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Loading } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { replayItemWords } from '../../words/replays.ts'

const MOST_ROWS = 100

/** Exactly the callbacks that an incident hurt, each with how it stands now. */
export function Hurt({ incident }: { readonly incident: IncidentDetail }) {
  if (incident.callback_ids.length === 0) return null
  return (
    <Panel title="Exactly these callbacks" note={plural(incident.callbacks, 'callback')} isFlush>
      <Rows incident={incident} />
      {incident.callbacks > MOST_ROWS && (
        <p className="panel-foot soft">and {count(incident.callbacks - MOST_ROWS)} more</p>
      )}
    </Panel>
  )
}

/** A plan of a replay knows of each what became of it; whoever may not replay sees the ids. */
function Rows({ incident }: { readonly incident: IncidentDetail }) {
  const { data, error } = useReplayPlan({ incident: incident.id })
  if (data === undefined && error === null) return <Loading what="the callbacks" />
  if (data === undefined) return <Ids ids={incident.callback_ids.slice(0, MOST_ROWS)} />
  return (
    <div className="scroll-x" role="region" aria-label="Callbacks that were hurt" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>Time</th>
            <th>Event</th>
            <th>Call</th>
            <th>Now</th>
          </tr>
        </thead>
        <tbody>
          {data.items.slice(0, MOST_ROWS).map((item) => (
            <tr key={item.id}>
              <td className="fit">
                <a href={addressOf(['callbacks', item.id])} data-row>
                  {item.received_at === 0 ? item.id : <Moment at={item.received_at} />}
                </a>
              </td>
              <td>{item.event}</td>
              <td className="call-cell line">
                <a className="mono foreign clip" href={addressOf(['calls', item.call_id])}>
                  {item.call_id}
                </a>
              </td>
              <td className="line">
                <Mark {...nowWords(item.state)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function nowWords(state: string) {
  if (state === 'bytes_not_kept')
    return { tone: 'bad', word: 'Not delivered, and its bytes are not kept' } as const
  return state === 'left' ? ({ tone: 'bad', word: 'Not delivered' } as const) : replayItemWords(state)
}

function Ids({ ids }: { readonly ids: readonly string[] }) {
  return (
    <ul className="ids panel-body">
      {ids.map((id) => (
        <li key={id}>
          <a className="mono" href={addressOf(['callbacks', id])}>
            {id}
          </a>
        </li>
      ))}
    </ul>
  )
}
