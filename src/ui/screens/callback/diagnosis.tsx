import type { CallbackDetail } from '../../../admin/api.ts'
import { outcomeWords } from '../../words/outcomes.ts'
import { refusalWords } from '../../words/refusals.ts'

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
  return (
    <section className="panel diagnosis" aria-labelledby="diagnosis">
      <div className="panel-head">
        <h2 id="diagnosis">Why, and what to do</h2>
      </div>
      <dl className="panel-body">
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
