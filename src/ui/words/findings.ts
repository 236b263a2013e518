import type { FindingName } from '../../admin/api.ts'

/** What does not fit of a call, in a few words. */
export const findingWords: Readonly<Record<FindingName, string>> = {
  no_callback: 'no callback came',
  no_end: 'its end never came',
  step_missing: 'a step never came',
  answer_blamed: 'our answer is blamed',
}
