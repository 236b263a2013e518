import './waterfall.css'

import type { ReactNode } from 'react'

import type { AttemptRow, CallbackDetail } from '../../../admin/api.ts'
import { duration } from '../../format/time.ts'
import { outcomeTone, outcomeWords } from '../../words/outcomes.ts'

interface Phase {
  readonly name: string
  readonly from: number
  readonly ms: number
}

const HEADROOM = 1.08
const MOST_TICKS = 6

/** Where the time went: each attempt from the arrival of the callback on, against the line of the deadline. */
export function Waterfall({
  callback,
  deadlineMs,
}: {
  readonly callback: CallbackDetail
  readonly deadlineMs: number
}) {
  const attempts = callback.attempt_rows.filter(({ via }) => via === 'live')
  const ends = attempts.map((attempt) => offset(callback, attempt) + (attempt.total_ms ?? 0))
  const scaleMs = Math.max(deadlineMs, callback.answer_ms, ...ends) * HEADROOM
  const at = (ms: number): string => `${(100 * ms) / scaleMs}%`
  return (
    <figure className="waterfall">
      <div className="waterfall-rows">
        {attempts.map((attempt, index) => (
          <Line key={attempt.number} name={`${attempt.number}. ${attempt.target}`}>
            {phasesOf(attempt, offset(callback, attempt)).map(({ name, from, ms }) => (
              <span
                key={name}
                className={`phase phase-${name}`}
                data-tone={outcomeTone(attempt.outcome)}
                title={`${phaseWords[name] ?? name}: ${duration(ms)}`}
                style={{ left: at(from), width: at(ms) }}
              />
            ))}
            <span className="waterfall-label" style={labelStyle(ends[index] ?? 0, scaleMs)}>
              {outcomeWords(attempt.outcome)?.label ?? attempt.outcome}
              {attempt.total_ms !== null && `, ${duration(attempt.total_ms)}`}
            </span>
          </Line>
        ))}
        <Line name="Provider waits">
          <span className="phase phase-wait" style={{ left: 0, width: at(callback.answer_ms) }} />
          <span className="waterfall-label" style={labelStyle(callback.answer_ms, scaleMs)}>
            told {callback.answer_status} after {duration(callback.answer_ms)}
          </span>
        </Line>
        <Scale scaleMs={scaleMs} deadlineMs={deadlineMs} />
      </div>
      <figcaption>
        <Legend />
        <PhaseTable attempts={attempts} />
      </figcaption>
    </figure>
  )
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="waterfall-row">
      <span className="waterfall-name">{name}</span>
      <span className="waterfall-track">{children}</span>
    </div>
  )
}

function Scale({ scaleMs, deadlineMs }: { readonly scaleMs: number; readonly deadlineMs: number }) {
  const at = (ms: number): string => `${(100 * ms) / scaleMs}%`
  return (
    <span className="waterfall-lines" aria-hidden="true">
      {ticks(scaleMs).map((ms) => (
        <span key={ms} className="tick" style={{ left: at(ms) }}>
          <span>{ms === 0 ? '0' : duration(ms)}</span>
        </span>
      ))}
      <span className="deadline" style={{ left: at(deadlineMs) }}>
        <span>deadline {duration(deadlineMs)}</span>
      </span>
    </span>
  )
}

/** The same in numbers, for those who do not see the bars. */
function PhaseTable({ attempts }: { readonly attempts: readonly AttemptRow[] }) {
  return (
    <div className="unseen">
      <table>
        <caption>Phases of each attempt</caption>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.number}>
              <th>Attempt {attempt.number}</th>
              {phasesOf(attempt, 0).map(({ name, ms }) => (
                <td key={name}>{`${phaseWords[name] ?? name} ${duration(ms)}`}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const phaseWords: Readonly<Record<string, string>> = {
  dns: 'Name look-up',
  connect: 'Connection',
  tls: 'TLS',
  first: 'Handler works',
  body: 'Reply',
}

function Legend() {
  return (
    <ul className="legend" aria-hidden="true">
      {Object.entries(phaseWords).map(([name, words]) => (
        <li key={name}>
          <span className={`swatch phase-${name}`} />
          {words}
        </li>
      ))}
    </ul>
  )
}

/** The phases one after the other; what no phase accounts for is reading the reply, or waiting in vain. */
function phasesOf(attempt: AttemptRow, startMs: number): readonly Phase[] {
  const known = [
    ['dns', attempt.dns_ms],
    ['connect', attempt.connect_ms],
    ['tls', attempt.tls_ms],
    ['first', attempt.first_byte_ms],
  ] as const
  const phases: Phase[] = []
  let from = startMs
  for (const [name, ms] of known) {
    if (ms === null) continue
    phases.push({ name, from, ms })
    from += ms
  }
  const rest = (attempt.total_ms ?? 0) - (from - startMs)
  if (rest > 0.05) phases.push({ name: attempt.first_byte_ms === null ? 'first' : 'body', from, ms: rest })
  return phases
}

function offset(callback: CallbackDetail, attempt: AttemptRow): number {
  return Math.max(0, attempt.started_at - callback.received_at)
}

/** Behind the bar, or before its end where there is no room. */
function labelStyle(endMs: number, scaleMs: number): { left?: string; right?: string } {
  const share = endMs / scaleMs
  return share < 0.45
    ? { left: `calc(${share * 100}% + 8px)` }
    : { right: `calc(${(1 - share) * 100}% + 8px)` }
}

function ticks(scaleMs: number): readonly number[] {
  const step =
    [50, 100, 250, 500, 1000, 2000, 5000, 10_000, 30_000].find((ms) => scaleMs / ms <= MOST_TICKS) ?? 60_000
  const marks: number[] = []
  for (let ms = 0; ms < scaleMs; ms += step) marks.push(ms)
  return marks
}
