import type { CallbackRow } from '../../admin/api.ts'
import { duration } from '../format/time.ts'
import { addressOf } from '../place.ts'
import { outcomeWords } from '../words/outcomes.ts'
import { refusalWords } from '../words/refusals.ts'
import { ResultMark } from './mark.tsx'
import { Moment } from './moment.tsx'

/** Callbacks as rows; the time of each is the link to it. */
export function CallbackTable({
  rows,
  label,
}: {
  readonly rows: readonly CallbackRow[]
  readonly label: string
}) {
  return (
    <div className="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th>Result</th>
            <th>Time</th>
            <th>Event</th>
            <th>Route</th>
            <th>Call</th>
            <th>Why</th>
            <th className="right">Attempts</th>
            <th className="right">Told</th>
            <th className="right">After</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row }: { readonly row: CallbackRow }) {
  return (
    <tr>
      <td>
        <ResultMark result={row.result} />
      </td>
      <td>
        <a href={addressOf(['callbacks', row.id])} data-row>
          <Moment at={row.received_at} how="short" />
        </a>
      </td>
      <td>{row.event}</td>
      <td className="soft">{row.route === '' ? '–' : row.route}</td>
      <td className="call-cell">
        {row.call_id === '' ? (
          '–'
        ) : (
          <a className="mono foreign clip" href={addressOf(['calls', row.call_id])}>
            {row.call_id}
          </a>
        )}
      </td>
      <td className="soft">{why(row)}</td>
      <td className="right numbers">{row.attempts}</td>
      <td className="right numbers">{row.answer_status === 0 ? '–' : row.answer_status}</td>
      <td className="right numbers soft">{row.result === 'pending' ? '–' : duration(row.answer_ms)}</td>
    </tr>
  )
}

function why(row: CallbackRow): string {
  if (row.result === 'rejected') return refusalWords(row.reason).says
  if (row.last_outcome === 'ok' || row.last_outcome === '') return ''
  return outcomeWords(row.last_outcome)?.label ?? row.last_outcome
}
