import { counted } from '../messages/words.ts'
import type { Finding } from '../rule.ts'
import type { RuleSettings } from './settings.ts'

const words: Readonly<Record<string, string>> = {
  no_callback: 'without any callback',
  no_end: 'without its end',
  step_missing: 'with a URL that Vobiz could not reach and that was never asked here',
  answer_blamed: 'ended for an answer that was given with 200',
}

/** What the last readable call records of an account said. */
export interface Reconciled {
  readonly account: string
  /** How many calls do not fit, by finding. */
  readonly misfits: Readonly<Record<string, number>>
  /** Were the records read, and could they be the last time? */
  readonly isReadable: boolean
}

/** Pure. Between no misfit and the limit whatever was said last stays true, and also while records cannot be read. */
export function judgeReconciliation(
  accounts: readonly Reconciled[],
  { at_least }: RuleSettings['reconciliation'],
): Finding {
  if (accounts.length === 0) {
    const reason = 'no call records are read (no reconciliation in the configuration)'
    return { verdict: 'good', value: 0, reason }
  }
  const totals = new Map<string, number>()
  for (const { misfits } of accounts) {
    for (const [finding, calls] of Object.entries(misfits)) {
      if (calls > 0) totals.set(finding, (totals.get(finding) ?? 0) + calls)
    }
  }
  const value = [...totals.values()].reduce((all, calls) => all + calls, 0)
  const named = accounts.filter(({ misfits }) => Object.values(misfits).some((calls) => calls > 0))
  const parts = [...totals].map(
    ([finding, calls]) => `${counted(calls, 'call')} ${words[finding] ?? finding}`,
  )
  const isUnread = accounts.some(({ isReadable }) => !isReadable)
  const reason =
    value === 0
      ? isUnread
        ? 'call records were not read yet, or could not be'
        : 'call records and callbacks fit'
      : `${parts.join(', ')}, by the call records of ${named.map(({ account }) => account).join(', ')} (limit ${at_least})`
  return { verdict: value >= at_least ? 'bad' : value === 0 && !isUnread ? 'good' : 'unclear', value, reason }
}
