import { timeOfId } from '../../callback/id.ts'
import type { GuardRow } from '../../ledger/ledger.ts'
import { DEFAULT_WINDOW_MS } from '../create-verifier.ts'
import { isHex } from '../hex-digits.ts'
import { IDENTITY_DIGITS, isOfEvent, isTimed, MOST_PIECES } from './guard-key.ts'
import { type Image, type ImageReader, must, numbersFrom, numbersPiece } from './memory/image.ts'
import { KeptAnswers } from './memory/kept-answers.ts'
import { RequestTable } from './memory/request-table.ts'
import type { Admission, Admitted, ReplayGuard, ReplayGuardOptions, Settlement } from './replay-guard.ts'

interface Waiting {
  readonly answer: Promise<Settlement>
  readonly resolve: (settlement: Settlement) => void
}

const NOT_REMEMBERED: Admitted = -1
/** Hex digits of a hash of content. */
const HASH_DIGITS = 64
const NEW: Admission = { kind: 'new' }
const REUSED: Admission = { kind: 'refused', reason: 'nonce_reused' }
const FULL: Admission = { kind: 'refused', reason: 'overloaded' }
/** Results after which a repeat is answered as before; after any other it is tried again. */
const answeredResults: ReadonlySet<string> = new Set([
  'delivered',
  'delivered_late',
  'rescued',
  'dead',
  'filtered',
])

/**
 * When there is no room left, a request that goes stale by itself pushes out the oldest of its sort, or is let in
 * unremembered; one with nothing but a nonce is refused (`overloaded`), because it could be repeated for ever.
 */
export function createReplayGuard(options: ReplayGuardOptions = {}): ReplayGuard {
  return new Guard(options)
}

/**
 * A guard that goes on where the one ended of which the image was made.
 * @throws RangeError when that cannot be the image of a guard with these options
 */
export function replayGuardFrom(options: ReplayGuardOptions, reader: ImageReader): ReplayGuard {
  return new Guard(options, reader)
}

class Guard implements ReplayGuard {
  readonly #ttlMs: number
  readonly #limits: Float64Array
  readonly #table: RequestTable
  readonly #answers: KeptAnswers
  readonly #waiting = new Map<number, Waiting>()
  /** Ids of the callbacks that try known requests again, as long as they are under way. */
  readonly #again = new Map<number, string>()
  /** Of all requests before this one it was heard how they ended, but for those that are tried again. */
  #heardBefore = 0
  admitted: Admitted = NOT_REMEMBERED

  constructor(
    {
      windowMs = DEFAULT_WINDOW_MS,
      maxEntries = 1_000_000,
      maxAnswerBytes = 16 * 2 ** 20,
    }: ReplayGuardOptions,
    reader?: ImageReader,
  ) {
    this.#ttlMs = 2 * windowMs
    this.#limits = Float64Array.of(this.#ttlMs, maxEntries, maxAnswerBytes)
    if (reader === undefined) {
      this.#table = new RequestTable(maxEntries)
      this.#answers = new KeptAnswers(maxAnswerBytes)
    } else {
      const limits = numbersFrom(reader, this.#limits.length)
      must(
        limits.every((limit, i) => limit === this.#limits[i]),
        'other limits',
      )
      this.#table = RequestTable.fromImage(maxEntries, reader)
      this.#answers = KeptAnswers.fromImage(maxAnswerBytes, reader)
    }
  }

  get size(): number {
    return this.#table.size
  }

  admit(guardKey: string, contentHash: string, callbackId: string, nowMs: number): Admission {
    this.#dropExpired(nowMs)
    const known = this.#find(guardKey)
    if (known >= 0 && this.#table.expiresAt(known) > nowMs) {
      return this.#isSame(known, guardKey, contentHash) ? this.#repeat(known, callbackId) : REUSED
    }
    if (this.#makeRoom(guardKey)) {
      this.admitted = this.#table.add(guardKey, contentHash, callbackId, this.#expiry(nowMs))
      return NEW
    }
    this.admitted = NOT_REMEMBERED
    return isTimed(guardKey) ? NEW : FULL
  }

  settle(what: Admitted, settlement: Settlement): void {
    if (what >= this.#table.oldest) this.#note(what, settlement)
    if (this.#again.size > 0) this.#again.delete(what)
    if (this.#waiting.size === 0) return
    this.#waiting.get(what)?.resolve(settlement)
    this.#waiting.delete(what)
  }

  image(): Image {
    return [numbersPiece(this.#limits), ...this.#table.image(), ...this.#answers.image()]
  }

  underWaySince(): number {
    const table = this.#table
    let since = Infinity
    let heardBefore = table.end
    for (let record = Math.max(this.#heardBefore, table.oldest); record < table.end; record++) {
      if (!table.isUnderWay(record)) continue
      heardBefore = Math.min(heardBefore, record)
      since = Math.min(since, table.idTime(record))
    }
    this.#heardBefore = heardBefore
    for (const id of this.#again.values()) since = Math.min(since, timeOfId(id))
    return since
  }

  get newest(): string {
    return this.#table.size === 0 ? '' : this.#table.callbackId(this.#table.end - 1)
  }

  get passed(): number {
    return this.#table.end
  }

  restore(rows: readonly GuardRow[], nowMs: number): void {
    this.#dropExpired(nowMs)
    const oldestFirst = rows.toSorted((a, b) => (a.callback_id < b.callback_id ? -1 : 1))
    for (const row of oldestFirst) {
      if (!isWellFormed(row)) continue
      const { answer_status: status, answer_content_type: contentType, answer_body: body } = row
      // Without a status the answer was cut off with the process: there is nothing to answer as before.
      const delivered = status !== 0 && answeredResults.has(row.result)
      const settlement = { status, contentType, body, delivered }
      const known = this.#find(row.guard_key)
      if (known >= 0) {
        // A later try of the same request: once its answer stands, it stands.
        if (this.#table.state(known) === 'failed') this.#note(known, settlement)
        continue
      }
      const expiresAt = this.#expiry(timeOfId(row.callback_id))
      if (expiresAt <= nowMs) continue
      const pieces = row.guard_key.length / IDENTITY_DIGITS
      while (!this.#table.hasRoomFor(pieces) && this.#table.size > 0) this.#table.drop()
      this.#note(this.#table.add(row.guard_key, row.body_hash, row.callback_id, expiresAt), settlement)
    }
  }

  #dropExpired(nowMs: number): void {
    if (this.#table.dropExpired(nowMs)) this.#answers.forgetBefore(this.#table.oldest)
  }

  /** Same bytes, or an event whose id is known although its bytes are new: those are signed, so the provider sent both. */
  #isSame(record: number, guardKey: string, contentHash: string): boolean {
    if (this.#table.hasContent(record, contentHash)) return true
    let piece = 0
    while (this.#table.find(guardKey, piece) < 0) piece++
    return isOfEvent(guardKey.slice(piece * IDENTITY_DIGITS))
  }

  #repeat(record: number, callbackId: string): Admission {
    const table = this.#table
    const duplicateOf = table.callbackId(record)
    switch (table.state(record)) {
      case 'failed':
        table.setState(record, 'pending', 0)
        this.#again.set(record, callbackId)
        this.admitted = record
        return { kind: 'again', duplicateOf }
      case 'answered': {
        const statusAlone = { status: table.status(record), contentType: '', body: undefined }
        return { kind: 'answered', duplicateOf, answer: this.#answers.get(record) ?? statusAlone }
      }
      case 'pending':
        return { kind: 'joined', duplicateOf, answer: this.#join(record) }
    }
  }

  #join(record: number): Promise<Settlement> {
    const first = this.#waiting.get(record)
    if (first !== undefined) return first.answer
    const { promise, resolve } = Promise.withResolvers<Settlement>()
    this.#waiting.set(record, { answer: promise, resolve })
    return promise
  }

  #note(record: number, settlement: Settlement): void {
    this.#table.setState(record, settlement.delivered ? 'answered' : 'failed', settlement.status)
    if (settlement.delivered) this.#answers.set(record, settlement)
  }

  /** The record of the first piece of the key that is known; -1 when none is. */
  #find(guardKey: string): number {
    for (let piece = 0; piece * IDENTITY_DIGITS < guardKey.length; piece++) {
      const record = this.#table.find(guardKey, piece)
      if (record >= 0) return record
    }
    return -1
  }

  #makeRoom(guardKey: string): boolean {
    const table = this.#table
    const pieces = guardKey.length / IDENTITY_DIGITS
    while (!table.hasRoomFor(pieces)) {
      if (!isTimed(guardKey) || table.size === 0 || !table.isTimed(table.oldest)) return false
      table.drop()
    }
    return true
  }

  /** The end of a second, because timestamps are whole seconds. */
  #expiry(nowMs: number): number {
    return (Math.floor((nowMs + this.#ttlMs) / 1000) + 1) * 1000
  }
}

/** Is the row of a signed request, and of the make of today? */
function isWellFormed({ guard_key, body_hash, result }: GuardRow): boolean {
  const pieces = guard_key.length / IDENTITY_DIGITS
  const isKey = Number.isInteger(pieces) && pieces >= 1 && pieces <= MOST_PIECES && isHex(guard_key)
  return isKey && body_hash.length === HASH_DIGITS && isHex(body_hash) && result !== 'rejected'
}
