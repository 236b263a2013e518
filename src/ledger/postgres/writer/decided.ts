import type { SettledRecord } from '../../codec/records.ts'
import type { Heard, HeardCallback } from '../../sharing.ts'
import type { GatheredBatch } from './gathered-batch.ts'

/** A callback that a batch settled for the first time. */
export type FirstSettled = Pick<HeardCallback, 'id' | 'received_at' | 'route' | 'event' | 'call_id'>

/** What other replicas want to hear of a batch; undefined when it decided nothing. */
export function decidedBy(plan: GatheredBatch, first: readonly FirstSettled[]): Heard | undefined {
  const byFallback = new Set(
    plan.attempts
      .filter(({ outcome, target }) => outcome === 'ok' && target === 'fallback')
      .map(({ callbackId }) => callbackId),
  )
  const told = (about: FirstSettled, settled: SettledRecord | undefined): readonly HeardCallback[] => {
    if (settled === undefined) return []
    const { result, answerMs, lastOutcome } = settled
    const by_fallback = byFallback.has(about.id)
    return [{ ...about, result, answer_ms: answerMs, last_outcome: lastOutcome, by_fallback }]
  }
  const callbacks = [
    ...plan.kept.flatMap(({ record: { id, receivedAt, route, facts }, change }) =>
      told(
        { id, received_at: receivedAt, route, event: facts.event, call_id: facts.callId },
        change?.settled,
      ),
    ),
    ...first.flatMap((about) => told(about, plan.changes.get(about.id)?.settled)),
  ]
  const refusals = plan.refusals.map(({ receivedAt, route, reason }) => ({
    received_at: receivedAt,
    route,
    reason,
  }))
  return callbacks.length + refusals.length === 0 ? undefined : { callbacks, refusals }
}
