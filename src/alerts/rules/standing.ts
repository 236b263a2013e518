import type { Finding } from '../rule.ts'
import { counted, durationWords, timeWords } from '../messages/words.ts'
import type { RuleSettings } from './settings.ts'
import type { Unwritable } from './unwritable.ts'

// Rules over how things stand right now. Each is pure.

/** @param oldestAt arrival of the oldest callback that waits; undefined when none does */
export function judgeBacklogAge(
  oldestAt: number | undefined,
  { above }: RuleSettings['backlog_age'],
  now: number,
): Finding {
  const value = oldestAt === undefined ? 0 : Math.max(0, now - oldestAt)
  const reason = `the oldest rescued callback waits for ${durationWords(value)} (limit ${durationWords(above)})`
  return {
    verdict: value > above ? 'bad' : value <= above / 2 ? 'good' : 'unclear',
    value,
    reason,
    since: oldestAt,
  }
}

export function judgeDeadLetters(dead: number, { at_least }: RuleSettings['dead_letters']): Finding {
  const reason = `${counted(dead, 'callback')} given up after all retries (limit ${at_least})`
  return { verdict: dead >= at_least ? 'bad' : 'good', value: dead, reason }
}

/** @param expiresAt undefined while no certificate was seen */
export function judgeCertificate(
  expiresAt: number | undefined,
  { within }: RuleSettings['target_certificate_expiry'],
  now: number,
): Finding {
  if (expiresAt === undefined) return { verdict: 'unclear', value: 0, reason: 'no certificate was seen yet' }
  const value = expiresAt - now
  const reason =
    value <= 0
      ? `the certificate expired at ${timeWords(expiresAt)}`
      : `the certificate expires in ${durationWords(value)}, at ${timeWords(expiresAt)}`
  return { verdict: value <= within ? 'bad' : 'good', value, reason }
}

/** @param unwritable undefined while the ledger is well */
export function judgeLedger(
  unwritable: Unwritable | undefined,
  { after }: RuleSettings['ledger_unhealthy'],
  now: number,
): Finding {
  if (unwritable === undefined) return { verdict: 'good', value: 0, reason: 'the ledger takes every write' }
  const { since, until = now, problem } = unwritable
  const value = until - since
  const reason = `the ledger cannot be written: ${problem}`
  return { verdict: value >= after ? 'bad' : 'unclear', value, reason, since }
}
