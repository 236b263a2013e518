import type { Standing } from './standing.ts'

/*
 * Form of notes: texts as JSON, and three numbers a note, 64-bit floats of this machine:
 *   kind + KINDS × place of the route among the texts
 *   a moment, milliseconds
 *   of a settlement how long the answer took, milliseconds; of a vote the place of the target of its streak, after which
 *   the id of the callback stands that it counts as
 */

/** Values are on disk until the rows that they change are written: never reuse one. */
const kind = {
  received: 0,
  failedAttempt: 1,
  okAttempt: 2,
  /** Attempts that count in a streak. */
  failedVote: 3,
  okVote: 4,
  settled: 5,
  settledFailed: 6,
  /** Received and settled. */
  passed: 7,
  passedFailed: 8,
} as const
/** More than there are. */
const KINDS = 16
const NUMBERS = 3
const FIRST_NOTES = 1024

/** Notes as they lie in the ledger. */
export interface WrittenNotes {
  readonly texts: string
  readonly numbers: Uint8Array
}

/** What is noted of a standing can be said to it again. */
export type Noted = Pick<Standing, 'received' | 'attempted' | 'voted' | 'settled'>

/** Notes in memory of what a batch adds to standings, in order. */
export class Notes {
  #numbers = new Float64Array(FIRST_NOTES * NUMBERS)
  readonly #about: Standing[] = []
  /** Of votes: target and id, by turns. */
  readonly #votes: string[] = []

  received(about: Standing, atMs: number): void {
    this.#add(about, kind.received, atMs)
  }

  attempted(about: Standing, atMs: number, isOk: boolean): void {
    this.#add(about, isOk ? kind.okAttempt : kind.failedAttempt, atMs)
  }

  settled(about: Standing, atMs: number, hasFailed: boolean, answerMs: number): void {
    this.#add(about, hasFailed ? kind.settledFailed : kind.settled, atMs, answerMs)
  }

  /** The last note is an attempt: it counts in the streak of a target. */
  voted(target: string, callbackId: string): void {
    const at = (this.#about.length - 1) * NUMBERS
    const isOk = this.#numbers[at] === kind.okAttempt
    this.#numbers[at] = isOk ? kind.okVote : kind.failedVote
    this.#numbers[at + 2] = this.#votes.length
    this.#votes.push(target, callbackId)
  }

  /** The last note is an arrival: the callback is settled as well. */
  passed(hasFailed: boolean, answerMs: number): void {
    const at = (this.#about.length - 1) * NUMBERS
    this.#numbers[at] = hasFailed ? kind.passedFailed : kind.passed
    this.#numbers[at + 2] = answerMs
  }

  clear(): void {
    this.#about.length = 0
    this.#votes.length = 0
  }

  /** Those about standings that are not saved. To be called once, before `clear`. */
  written(): WrittenNotes {
    const texts = this.#votes
    const votes = texts.length
    let used = 0
    for (const [index, about] of this.#about.entries()) {
      if (!about.isDirty) continue
      const isPlaced = about.place >= votes && texts[about.place] === about.route
      if (!isPlaced) about.place = texts.push(about.route) - 1
      const from = index * NUMBERS
      this.#numbers[used] = (this.#numbers[from] ?? 0) + about.place * KINDS
      this.#numbers[used + 1] = this.#numbers[from + 1] ?? 0
      this.#numbers[used + 2] = this.#numbers[from + 2] ?? 0
      used += NUMBERS
    }
    const numbers = new Uint8Array(this.#numbers.buffer, 0, used * this.#numbers.BYTES_PER_ELEMENT)
    return { texts: JSON.stringify(texts), numbers }
  }

  #add(about: Standing, kind: number, first: number, second = 0): void {
    const at = this.#about.length * NUMBERS
    if (at === this.#numbers.length) {
      const larger = new Float64Array(at * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[at] = kind
    this.#numbers[at + 1] = first
    this.#numbers[at + 2] = second
    this.#about.push(about)
  }
}

/**
 * Says again what was noted, in order.
 *
 * @param standingOf undefined for a route whose rows hold it already
 */
export function readNotes(notes: WrittenNotes, standingOf: (route: string) => Noted | undefined): void {
  const texts = JSON.parse(notes.texts) as readonly string[]
  const numbers = new Float64Array(notes.numbers.slice().buffer)
  for (let at = 0; at + NUMBERS <= numbers.length; at += NUMBERS) {
    const [code = 0, atMs = 0, last = 0] = numbers.subarray(at, at + NUMBERS)
    const standing = standingOf(texts[Math.floor(code / KINDS)] ?? '')
    if (standing !== undefined) sayAgain(standing, code % KINDS, { texts, atMs, last })
  }
}

function sayAgain(
  standing: Noted,
  of: number,
  { texts, atMs, last }: { readonly texts: readonly string[]; readonly atMs: number; readonly last: number },
): void {
  switch (of) {
    case kind.received:
      standing.received(atMs)
      return
    case kind.failedAttempt:
    case kind.okAttempt:
      standing.attempted(atMs, of === kind.okAttempt)
      return
    case kind.failedVote:
    case kind.okVote:
      standing.attempted(atMs, of === kind.okVote)
      standing.voted(texts[last] ?? '', texts[last + 1] ?? '', of === kind.okVote)
      return
    case kind.passed:
    case kind.passedFailed:
      standing.received(atMs)
      standing.settled(atMs, of === kind.passedFailed, last)
      return
    case kind.settled:
    case kind.settledFailed:
      standing.settled(atMs, of === kind.settledFailed, last)
      return
    default:
      throw new RangeError(`unknown note ${of} in the ledger`)
  }
}
