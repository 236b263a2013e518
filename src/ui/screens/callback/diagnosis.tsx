import type { CallbackDetail } from '../../../admin/api.ts'
import { Icon } from '../../parts/icons.tsx'
import { outcomeWords } from '../../words/outcomes.ts'
import { refusalWords } from '../../words/refusals.ts'
import { resultWords } from '../../words/results.ts'

const blameWords: Readonly<Record<string, string>> = {
  provider: 'the provider, or whoever sent it',
  proxy: 'Ringback itself',
  handler: 'the handler',
  config: 'the configuration',
}

/** Why it went wrong and what to do, in plain words; nothing where all went well. */
export function Diagnosis({ callback }: { readonly callback: CallbackDetail }) {
  const found = diagnosisOf(callback)
  if (found === undefined) return null
  // A failure that was made good needs no alarm any more.
  const isOver = resultWords(callback.result).tone === 'good'
  return (
    <section className="panel diagnosis" data-tone={isOver ? 'idle' : 'bad'} aria-labelledby="diagnosis">
      <h2 id="diagnosis">
        <Icon name="hint" />
        Why, and what to do
      </h2>
      <dl className="pairs">
        <dt>Cause</dt>
        <dd>{found.cause}</dd>
        <dt>Remedy</dt>
        <dd>{found.remedy}</dd>
        {callback.blame !== '' && (
          <>
            <dt>Charged to</dt>
            <dd>{blameWords[callback.blame] ?? callback.blame}</dd>
          </>
        )}
      </dl>
    </section>
  )
}

function diagnosisOf(callback: CallbackDetail): { cause: string; remedy: string } | undefined {
  if (callback.result === 'rejected') {
    const { says, remedy } = refusalWords(callback.reason)
    return { cause: `It was refused because ${says}.`, remedy }
  }
  const failed = callback.attempt_rows.findLast(({ outcome }) => outcome !== 'ok')
  return failed === undefined ? undefined : outcomeWords(failed.outcome)
}
