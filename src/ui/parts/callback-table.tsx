import type { CallbackRow } from '../../admin/api.ts'
import { addressOf } from '../address.ts'
import { plural } from '../format/amount.ts'
import { duration } from '../format/time.ts'
import { outcomeWords } from '../words/outcomes.ts'
import { refusalWords } from '../words/refusals.ts'
import { ResultMark } from './mark.tsx'
import { Moment } from './moment.tsx'

interface TableProps {
  readonly rows: readonly CallbackRow[]
  readonly label: string
  /** All rows are of one call, whose id stands above them. */
  readonly isOneCall?: boolean
}

/** Callbacks as rows; the time of each is the link to it. On a phone each row becomes a few lines. */
export function CallbackTable({ rows, label, isOneCall = false }: TableProps) {
  return (
    <div className="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>Result</th>
            <th>Time</th>
            <th>Event</th>
            <th>Route</th>
            {!isOneCall && <th>Call</th>}
            <th>Why</th>
            <th className="right">Told</th>
            <th className="right">After</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} isOneCall={isOneCall} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row, isOneCall }: { readonly row: CallbackRow; readonly isOneCall: boolean }) {
  return (
    <tr>
      <td className="fit">
        <ResultMark result={row.result} />
      </td>
      <td className="fit end">
        <a href={addressOf(['callbacks', row.id])} data-row>
          <Moment at={row.received_at} how="short" />
        </a>
      </td>
      <td className="line">
        <span className="foreign">{row.event}</span>
        <span className="only-phone-inline soft">{inShort(row)}</span>
      </td>
      <td className="soft off">{row.route === '' ? '–' : row.route}</td>
      {!isOneCall && (
        <td className="call-cell line">
          <CallLink callId={row.call_id} />
        </td>
      )}
      <td className="soft off">{why(row)}</td>
      <td className="fit right numbers off">{row.answer_status === 0 ? '–' : row.answer_status}</td>
      <td className="fit right numbers soft off">{after(row)}</td>
    </tr>
  )
}

function CallLink({ callId }: { readonly callId: string }) {
  if (callId === '') return '–'
  return (
    <a className="mono foreign clip" href={addressOf(['calls', callId])}>
      {callId}
    </a>
  )
}

/** Where there are no columns. */
function inShort(row: CallbackRow): string {
  const told = row.answer_status === 0 ? '' : `told ${row.answer_status}`
  return ['', row.route, why(row), told].filter((part, at) => at === 0 || part !== '').join(' · ')
}

function why(row: CallbackRow): string {
  if (row.result === 'rejected') return refusalWords(row.reason).says
  const isOk = row.last_outcome === 'ok' || row.last_outcome === ''
  const words = isOk ? '' : (outcomeWords(row.last_outcome)?.label ?? row.last_outcome)
  const tries = row.attempts > 1 ? plural(row.attempts, 'attempt') : ''
  return [words, tries].filter((part) => part !== '').join(', ')
}

function after(row: CallbackRow): string {
  return row.result === 'pending' || row.result === 'rejected' ? '–' : duration(row.answer_ms)
}
