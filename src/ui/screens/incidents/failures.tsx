import type { FailureRow, IncidentDetail } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { duration } from '../../format/time.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { outcomeWords } from '../../words/outcomes.ts'

/** What failed: the first time, and the last few. */
export function Failures({ incident }: { readonly incident: IncidentDetail }) {
  const first = incident.first_failure
  const recent = incident.recent_failures.filter((row) => row.callback_id !== first?.callback_id)
  const rows = first === null ? recent : [first, ...recent]
  return (
    <Panel title="First and latest failures" isFlush>
      {rows.length === 0 ? (
        <Empty title="No single callback failed">
          <p>This rule measures the route as a whole.</p>
        </Empty>
      ) : (
        <ul className="lines">
          {rows.map((row) => (
            <Failure key={row.callback_id} row={row} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Failure({ row }: { readonly row: FailureRow }) {
  return (
    <li>
      <a href={addressOf(['callbacks', row.callback_id])} data-row>
        <Moment at={row.at} how="short" />
      </a>
      <div>
        <Mark tone="bad" word={outcomeWords(row.outcome)?.label ?? row.outcome} />{' '}
        <span className="soft numbers">
          {row.status > 0 && `${row.status}, `}
          {duration(row.ms ?? 0)}
        </span>
        {row.error !== '' && <p className="foreign soft">{row.error}</p>}
        <p className="line-foot">
          <span className="faint">{row.event}</span>
          {row.call_id !== '' && (
            <a className="mono foreign clip" href={addressOf(['calls', row.call_id])}>
              {row.call_id}
            </a>
          )}
        </p>
      </div>
    </li>
  )
}
