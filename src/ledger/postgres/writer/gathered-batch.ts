import type { AttemptRecord, KeptRecord } from '../../codec/records.ts'
import { type BatchPlan, type Change, planBatch } from '../../writing/batch-plan.ts'
import type { Batch } from '../../writing/protocol.ts'

/** A callback that a batch keeps, decoded. */
export interface GatheredKept {
  readonly record: KeptRecord
  /** The record as bytes. */
  readonly bytes: Uint8Array
  /** What the same batch says of it further on. */
  readonly change: Change | undefined
}

/** All of a batch at once: rows go to the server many in one statement. */
export interface GatheredBatch extends Omit<BatchPlan, 'kept'> {
  readonly kept: readonly GatheredKept[]
  readonly attempts: readonly AttemptRecord[]
}

export function gatherBatch(batch: Batch): GatheredBatch {
  const attempts: AttemptRecord[] = []
  const plan = planBatch(new Uint8Array(batch.bytes), batch, (attempt) => attempts.push(attempt))
  const kept = plan.kept.map((entry) => ({
    record: entry.decode(),
    bytes: entry.bytes,
    change: entry.change,
  }))
  return { ...plan, kept, attempts }
}
