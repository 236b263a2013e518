import { addressOf } from '../../address.ts'
import { LatencyBar } from '../../parts/latency-bar.tsx'
import { ResultMark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import type { LiveRow } from '../../state/live-rows.ts'
import { outcomeWords } from '../../words/outcomes.ts'

/** One line of the live view. */
export function LiveLine({ row, deadlineMs }: { readonly row: LiveRow; readonly deadlineMs: number }) {
  const last = row.tries.at(-1)
  const isAnswered = row.via === 'live' && row.result !== 'pending' && row.result !== 'rejected'
  const totalMs = isAnswered ? row.answerMs : (last?.ms ?? undefined)
  return (
    <a className="live-line" href={addressOf(['callbacks', row.id])} data-row>
      <span className="cell-mark">
        <ResultMark result={row.result} />
      </span>
      <span className="cell-time soft">
        <Moment at={row.at} how="clock" />
      </span>
      <span className="cell-event clip">{row.event}</span>
      <span className="cell-route clip soft">{row.route === '' ? '–' : row.route}</span>
      <span className="cell-call clip mono foreign">{row.callId === '' ? '–' : row.callId}</span>
      <span className="cell-why clip soft">{why(row)}</span>
      <span className="cell-latency">
        <LatencyBar tries={row.tries} deadlineMs={deadlineMs} totalMs={totalMs} />
      </span>
      <span className="cell-told numbers soft">{row.answerStatus === 0 ? '' : row.answerStatus}</span>
    </a>
  )
}

function why(row: LiveRow): string {
  const isOk = row.lastOutcome === 'ok' || row.lastOutcome === ''
  const words = isOk ? '' : (outcomeWords(row.lastOutcome)?.label ?? row.lastOutcome)
  const number = row.tries.at(-1)?.number ?? 0
  const tries = row.via === 'live' ? `${number} attempts` : `attempt ${number}`
  return [words, number > 1 ? tries : ''].filter((part) => part !== '').join(', ')
}
