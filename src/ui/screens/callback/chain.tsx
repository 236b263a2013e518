import './chain.css'

import type { AttemptRow, CallbackDetail } from '../../../admin/api.ts'
import { duration, span } from '../../format/time.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { outcomeTone, outcomeWords } from '../../words/outcomes.ts'
import { resultWords } from '../../words/results.ts'

const GAP_WORTH_A_LINE_MS = 500
const viaWords = { live: '', rescue: 'rescue', replay: 'replay' } as const

/** Everything that was tried, in order, with the pauses in between, and what comes next. */
export function Chain({ callback }: { readonly callback: CallbackDetail }) {
  const attempts = callback.attempt_rows
  return (
    <ol className="chain">
      <li data-tone={callback.verdict === 'refused' ? 'warn' : 'good'}>
        <Moment at={callback.received_at} how="clock" />
        <span>
          <strong>Received</strong> from <span className="foreign mono">{callback.peer}</span>
          <span className="soft"> {verdictWords[callback.verdict] ?? callback.verdict}</span>
        </span>
      </li>
      {attempts.map((attempt, at) => (
        <Link key={attempt.number} attempt={attempt} before={attempts[at - 1]} />
      ))}
      <End callback={callback} />
    </ol>
  )
}

const verdictWords: Readonly<Record<string, string>> = {
  verified: 'and its signature checked',
  warned: 'with a signature that does not fit (the route only warns)',
  unchecked: 'without a check of its signature (switched off)',
  refused: 'and refused',
}

function Link(props: { readonly attempt: AttemptRow; readonly before: AttemptRow | undefined }) {
  const { attempt, before } = props
  const pause = before === undefined ? 0 : attempt.started_at - before.started_at - (before.total_ms ?? 0)
  const words = outcomeWords(attempt.outcome)
  const tone = outcomeTone(attempt.outcome)
  return (
    <>
      {pause > GAP_WORTH_A_LINE_MS && (
        <li className="chain-pause">
          <span />
          <span className="faint">{span(pause)} later</span>
        </li>
      )}
      <li data-tone={tone}>
        <Moment at={attempt.started_at} how="clock" />
        <span>
          <span className="chain-line">
            <Mark tone={tone} word={words?.label ?? attempt.outcome} />
            <span className="soft numbers">
              {attempt.status > 0 && `${attempt.status}, `}
              {attempt.total_ms !== null && duration(attempt.total_ms)}
              {attempt.resent && ', sent again on a fresh connection'}
            </span>
          </span>
          <span className="faint">
            attempt {attempt.number}
            {viaWords[attempt.via] !== '' && ` (${viaWords[attempt.via]})`}, {attempt.target}{' '}
          </span>
          <span className="mono foreign soft">{attempt.url}</span>
          {attempt.error !== '' && <span className="foreign chain-error">{attempt.error}</span>}
        </span>
      </li>
    </>
  )
}

/** Where it stands, and what happens next by itself. */
function End({ callback }: { readonly callback: CallbackDetail }) {
  const { tone, word, meaning } = resultWords(callback.result)
  const nextAt = callback.next_attempt_at ?? null
  return (
    <li className="chain-end" data-tone={tone}>
      <span>now</span>
      <span>
        <Mark tone={tone} word={word} />
        <br />
        <span className="soft">
          {meaning}
          {nextAt !== null && (
            <>
              {' '}
              The next attempt is due <Moment at={nextAt} how="ago" />.
            </>
          )}
        </span>
      </span>
    </li>
  )
}
