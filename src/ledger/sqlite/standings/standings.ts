import type { DatabaseSync } from 'node:sqlite'

import { voteOf } from '../../../callback/vote.ts'
import type { AttemptRecord, SettledRecord } from '../../codec/records.ts'
import { failedResults } from '../../stored/route-sums.ts'
import { createRollupTable } from '../tables/rollup-table.ts'
import { createStreakTable } from '../tables/streak-table.ts'
import { createUnsummedTable, type UnsummedTable } from '../tables/unsummed-table.ts'
import { Notes } from './notes.ts'
import { Standing, type StandingTables } from './standing.ts'
import { sumUp } from './sum-up.ts'

/** Up to so many routes a batch writes the rows of all that have gained something. */
const AT_ONCE = 16
/** With more, those of each are written once in this time, some with each batch. */
const ROUND_MS = 5000
/** Routes whose rows one batch writes at most then: about 5 ms. */
const MOST_A_BATCH = 200
/** Standings that are remembered after they are saved. */
const REMEMBERED = 8192

/**
 * Numbers and streaks of routes, as batches add to them. Their rows are written with the batch as long as it touches
 * few routes. With many, that would be more than all its other rows: the batch notes in one row what it adds, and the
 * rows of routes are written by turns. What is noted is added to them after a crash (sum-up.ts).
 *
 * All of it happens in the transaction of the batch. When that is undone, what stands in memory is forgotten, and the
 * next one begins with what is noted.
 */
export class Standings {
  readonly #db: DatabaseSync
  readonly #tables: StandingTables
  readonly #unsummed: UnsummedTable
  readonly #standings = new Map<string, Standing>()
  readonly #dirty = new Set<Standing>()
  readonly #notes = new Notes()
  /** Those whose turn it is, in the order of their rows; all before `next` had theirs. */
  #round: readonly Standing[] = []
  #next = 0
  #begunAt = 0
  /** Number of the notes with which the round began: at its end all up to there is in the rows. */
  #notedBefore = 0
  #hasNotes = false
  #isForgotten = false

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#tables = { rollups: createRollupTable(db), streaks: createStreakTable(db) }
    this.#unsummed = createUnsummedTable(db)
  }

  /** How many routes it remembers: those of the last while. */
  get routes(): number {
    return this.#standings.size
  }

  /** Is there anything that only stands in notes? */
  get isBehind(): boolean {
    return this.#dirty.size > 0 || this.#isForgotten
  }

  /** To be called before a transaction adds anything. */
  begin(): void {
    if (!this.#isForgotten) return
    sumUp(this.#db)
    this.#isForgotten = false
  }

  /** @param settled what became of it, where that is known already */
  received(route: string, atMs: number, settled: SettledRecord | undefined): void {
    const standing = this.#gaining(route)
    standing.received(atMs)
    this.#notes.received(standing, atMs)
    if (settled === undefined) return
    const hasFailed = failedResults.has(settled.result)
    standing.settled(atMs, hasFailed, settled.answerMs)
    this.#notes.passed(hasFailed, settled.answerMs)
  }

  attempted(attempt: AttemptRecord): void {
    const standing = this.#gaining(attempt.route)
    const { startedAt, streakKey } = attempt
    const isOk = attempt.outcome === 'ok'
    standing.attempted(startedAt, isOk)
    this.#notes.attempted(standing, startedAt, isOk)
    const vote = voteOf(attempt)
    if (vote === undefined) return
    standing.voted(streakKey, vote.callbackId, vote.succeeded)
    this.#notes.voted(streakKey, vote.callbackId)
  }

  /** @param atMs when the callback arrived: its numbers belong to that minute */
  settled({ route, result, answerMs }: SettledRecord, atMs: number): void {
    const standing = this.#gaining(route)
    const hasFailed = failedResults.has(result)
    standing.settled(atMs, hasFailed, answerMs)
    this.#notes.settled(standing, atMs, hasFailed, answerMs)
  }

  /** Writes what was added since the last time, to the rows or as notes. */
  save(nowMs: number): void {
    if (this.#dirty.size <= AT_ONCE) {
      this.saveAll()
      return
    }
    this.#beginRound(nowMs)
    // A clock that was set is as good as a long time.
    const share = Math.abs(nowMs - this.#begunAt) / ROUND_MS
    this.#takeTurns(Math.max(1, Math.ceil(this.#round.length * share) - this.#next))
  }

  /** Writes some of what is noted, in a quiet moment. */
  saveSome(nowMs: number): void {
    if (this.#dirty.size <= MOST_A_BATCH) {
      this.saveAll()
      return
    }
    this.#beginRound(nowMs)
    this.#takeTurns(MOST_A_BATCH)
  }

  /** All that is left. */
  saveAll(): void {
    for (const standing of this.#dirty) standing.save()
    this.#dirty.clear()
    this.#notes.clear()
    this.#round = []
    if (this.#hasNotes) this.#unsummed.remove()
    this.#hasNotes = false
    this.#forgetSaved()
  }

  /** The transaction was undone. */
  reset(): void {
    this.#standings.clear()
    this.#dirty.clear()
    this.#notes.clear()
    this.#tables.rollups.forget()
    this.#round = []
    this.#hasNotes = false
    this.#isForgotten = true
  }

  #beginRound(nowMs: number): void {
    if (this.#round.length > 0) return
    this.#round = [...this.#dirty].sort((a, b) => (a.route < b.route ? -1 : 1))
    this.#next = 0
    this.#begunAt = nowMs
  }

  #takeTurns(wanted: number): void {
    const begins = this.#next === 0
    const turns = this.#round.slice(this.#next, this.#next + Math.min(wanted, MOST_A_BATCH))
    for (const standing of turns) {
      standing.save()
      this.#dirty.delete(standing)
    }
    this.#next += turns.length
    const saved = turns.map(({ route }) => route)
    const number = this.#unsummed.insert(this.#notes.written(), saved)
    this.#notes.clear()
    this.#hasNotes = true
    if (begins) this.#notedBefore = number
    if (this.#next < this.#round.length) return
    this.#unsummed.remove(this.#notedBefore)
    this.#round = []
    this.#forgetSaved()
  }

  #gaining(route: string): Standing {
    let standing = this.#standings.get(route)
    if (standing === undefined) {
      // A text of its own: a part of one would keep the whole record in memory.
      standing = new Standing(Buffer.from(route).toString(), this.#tables)
      this.#standings.set(standing.route, standing)
    }
    if (!standing.isDirty) {
      standing.isDirty = true
      this.#dirty.add(standing)
    }
    return standing
  }

  #forgetSaved(): void {
    if (this.#standings.size <= REMEMBERED) return
    for (const [route, { isDirty }] of this.#standings) if (!isDirty) this.#standings.delete(route)
  }
}
