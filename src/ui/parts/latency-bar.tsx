import { duration } from '../format/time.ts'
import type { Try } from '../state/live-rows.ts'
import { outcomeTone, outcomeWords } from '../words/outcomes.ts'
import type { Tone } from '../words/tone.ts'

/** Share of the deadline from which on an answer counts as slow. */
export const SLOW = 0.8
/** The deadline stands at this share of the bar, so that what went over it can be seen. */
const DEADLINE_AT = 0.86

/** Each attempt as a stretch of the time that the provider waits; the line is its deadline. */
export function LatencyBar(props: {
  readonly tries: readonly Try[]
  readonly deadlineMs: number
  readonly totalMs: number | undefined
}) {
  const { tries, deadlineMs, totalMs } = props
  let from = 0
  const bars = tries.map((each) => {
    const start = from
    from += each.ms ?? 0
    return { ...each, start }
  })
  const words = tries.map(
    ({ number, outcome, ms }) =>
      `attempt ${number} ${outcomeWords(outcome)?.label ?? 'under way'}${ms === null ? '' : ` ${duration(ms)}`}`,
  )
  return (
    <span className="latency">
      <span
        className="latency-track"
        role="img"
        aria-label={`${words.join(', ')}; deadline ${duration(deadlineMs)}`}
      >
        {bars.map(({ number, outcome, ms, start }) => (
          <span
            key={number}
            className={`try fill-${toneOf(outcome, start + (ms ?? 0), deadlineMs)}`}
            style={{ left: `${share(start, deadlineMs)}%`, width: `${share(ms ?? 0, deadlineMs)}%` }}
          />
        ))}
        <span className="line" style={{ left: `${DEADLINE_AT * 100}%` }} />
      </span>
      <span className="latency-ms numbers">{totalMs === undefined ? '' : duration(totalMs)}</span>
    </span>
  )
}

function toneOf(outcome: string, endMs: number, deadlineMs: number): Tone {
  const tone = outcomeTone(outcome)
  return tone === 'good' && endMs >= SLOW * deadlineMs ? 'warn' : tone
}

function share(ms: number, deadlineMs: number): number {
  return Math.min(100, (100 * DEADLINE_AT * ms) / deadlineMs)
}
