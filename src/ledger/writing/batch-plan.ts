import { decodeAttempt, decodeKept, decodeRefusal, decodeSettled, idOfKept } from '../codec/decode.ts'
import { RecordReader } from '../codec/record-reader.ts'
import {
  type AttemptRecord,
  type KeptRecord,
  isKept,
  recordType,
  type RefusalRecord,
  type SettledRecord,
} from '../codec/records.ts'
import type { Ticket } from '../ledger.ts'

/** What a batch says of one callback after it was kept. */
export interface Change {
  /** Highest number of its attempts; 0 when the batch holds none. */
  attempts: number
  lastOutcome: string
  settled: SettledRecord | undefined
  /** Ticket of the row that settled it. */
  ticket: Ticket
}

/** A callback that a batch keeps. Decoded when it is asked for: a batch as a whole would outlive many a collection. */
export class KeptEntry {
  readonly id: string
  /** What the same batch says of it further on: a callback that is settled already never enters the inbox. */
  change: Change | undefined
  readonly #batch: RecordReader
  readonly #start: number

  /** @param batch at the record of the callback */
  constructor(id: string, batch: RecordReader) {
    this.id = id
    this.#batch = batch
    this.#start = batch.bounds[0]
  }

  /** The record as bytes, for the inbox. */
  get bytes(): Uint8Array {
    this.#batch.moveTo(this.#start)
    return this.#batch.record()
  }

  /** Decodes anew each time. */
  decode(): KeptRecord {
    return decodeKept(this.#batch, this.#batch.moveTo(this.#start))
  }
}

/** A batch, gathered by callback. */
export interface BatchPlan {
  readonly kept: readonly KeptEntry[]
  /** By callback id: changes of callbacks that an earlier batch kept. */
  readonly changes: ReadonlyMap<string, Change>
  readonly refusals: readonly RefusalRecord[]
}

/**
 * Gathers a batch whose rows have consecutive tickets.
 *
 * @param onAttempt is handed each attempt, in order, and need not keep it
 */
export function planBatch(
  bytes: Uint8Array,
  { used, first }: { readonly used: number; readonly first: Ticket },
  onAttempt: (attempt: AttemptRecord) => void,
): BatchPlan {
  const kept = new Map<string, KeptEntry>()
  const changes = new Map<string, Change>()
  const refusals: RefusalRecord[] = []
  const changeOf = (id: string): Change => {
    const entry = kept.get(id)
    const found = entry === undefined ? changes.get(id) : entry.change
    if (found !== undefined) return found
    const change: Change = { attempts: 0, lastOutcome: '', settled: undefined, ticket: 0 }
    if (entry === undefined) changes.set(id, change)
    else entry.change = change
    return change
  }

  const reader = new RecordReader(bytes, used)
  let ticket = first
  for (let type = reader.next(); type !== undefined; type = reader.next(), ticket++) {
    if (isKept(type)) {
      const id = idOfKept(reader)
      kept.set(id, new KeptEntry(id, reader))
    } else if (type === recordType.attempt) {
      const attempt = decodeAttempt(reader)
      onAttempt(attempt)
      const change = changeOf(attempt.callbackId)
      change.attempts = Math.max(change.attempts, attempt.number)
      change.lastOutcome = attempt.outcome
    } else if (type === recordType.settled) {
      const settled = decodeSettled(reader)
      const change = changeOf(settled.callbackId)
      change.settled = settled
      change.ticket = ticket
      if (settled.lastOutcome !== '') change.lastOutcome = settled.lastOutcome
    } else if (type === recordType.refusal) {
      refusals.push(decodeRefusal(reader))
    } else {
      throw new RangeError(`unknown ledger record type ${type}`)
    }
  }
  return { kept: [...kept.values()], changes, refusals }
}
