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
  /** An earlier one of the batch with the same `textKey`. */
  readonly before: KeptEntry | undefined
  /** What the same batch says of it further on: a callback that is settled already never enters the inbox. */
  change: Change | undefined
  readonly #batch: RecordReader
  readonly #start: number

  /** @param batch at the record of the callback */
  constructor(id: string, batch: RecordReader, before: KeptEntry | undefined) {
    this.id = id
    this.before = before
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

/**
 * The callbacks that a batch keeps, in its order. They are found by a number made of their ids: a Map of texts puts each
 * text into V8's table of all texts, which takes longer than everything else here and grows with every callback.
 */
class KeptEntries {
  readonly all: KeptEntry[] = []
  readonly #newest = new Map<number, KeptEntry>()

  add(batch: RecordReader): void {
    const key = batch.textKey()
    const id = idOfKept(batch)
    if (this.find(id, key) !== undefined) return
    const entry = new KeptEntry(id, batch, this.#newest.get(key))
    this.#newest.set(key, entry)
    this.all.push(entry)
  }

  find(id: string, key: number): KeptEntry | undefined {
    let entry = this.#newest.get(key)
    while (entry !== undefined && entry.id !== id) entry = entry.before
    return entry
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
  const kept = new KeptEntries()
  const changes = new Map<string, Change>()
  const refusals: RefusalRecord[] = []
  const changeOf = (id: string, key: number): Change => {
    const entry = kept.find(id, key)
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
      kept.add(reader)
    } else if (type === recordType.attempt) {
      const key = reader.textKey()
      const attempt = decodeAttempt(reader)
      onAttempt(attempt)
      const change = changeOf(attempt.callbackId, key)
      change.attempts = Math.max(change.attempts, attempt.number)
      change.lastOutcome = attempt.outcome
    } else if (type === recordType.settled) {
      const key = reader.textKey()
      const settled = decodeSettled(reader)
      const change = changeOf(settled.callbackId, key)
      change.settled = settled
      change.ticket = ticket
      if (settled.lastOutcome !== '') change.lastOutcome = settled.lastOutcome
    } else if (type === recordType.refusal) {
      refusals.push(decodeRefusal(reader))
    } else {
      throw new RangeError(`unknown ledger record type ${type}`)
    }
  }
  return { kept: kept.all, changes, refusals }
}
