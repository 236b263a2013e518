import { foldStreak, type Streak } from '../../../callback/streak.ts'
import {
  addAttempted,
  addReceived,
  addSettled,
  type MinuteSum,
  newMinuteSum,
} from '../../stored/batch-sums.ts'
import { clearSum, SPANS } from '../../stored/route-sums.ts'
import type { RollupTable } from '../tables/rollup-table.ts'
import type { StreakTable } from '../tables/streak-table.ts'

/** Tables that a standing is read from and saved to. */
export interface StandingTables {
  readonly rollups: RollupTable
  readonly streaks: StreakTable
}

interface Counted {
  readonly target: string
  streak: Streak
  isChanged: boolean
}

/** Sums of that many minutes are kept to be used again. */
const KEPT_SUMS = 2

/** What one route has gained since its rows were written: numbers by minute, and the streaks of its targets. */
export class Standing {
  readonly route: string
  /** Has it gained anything? */
  isDirty = false
  /** Where it stands in the notes that are being written; theirs alone. */
  place = 0
  readonly #tables: StandingTables
  /** One for each minute, of which the first `used` hold something. */
  readonly #sums: MinuteSum[] = []
  #used = 0
  #latest: MinuteSum
  readonly #streaks = new Map<string, Counted>()
  /** The one that was counted last: nearly always of the same target. */
  #counted: Counted | undefined
  readonly #changed: Counted[] = []

  constructor(route: string, tables: StandingTables) {
    this.route = route
    this.#tables = tables
    this.#latest = newMinuteSum(route, 0)
    this.#sums.push(this.#latest)
  }

  received(atMs: number): void {
    addReceived(this.#sumAt(atMs), atMs)
  }

  attempted(atMs: number, succeeded: boolean): void {
    addAttempted(this.#sumAt(atMs), atMs, succeeded)
  }

  /** @param atMs when the callback arrived: its numbers belong to that minute */
  settled(atMs: number, hasFailed: boolean, answerMs: number): void {
    addSettled(this.#sumAt(atMs), hasFailed, answerMs)
  }

  /** One callback more is decided; see callback/vote.ts. */
  voted(target: string, callbackId: string, succeeded: boolean): void {
    const counted = this.#countedFor(target)
    counted.streak = foldStreak(counted.streak, callbackId, succeeded)
    if (counted.isChanged) return
    counted.isChanged = true
    this.#changed.push(counted)
  }

  /** Writes its rows; the caller holds the transaction. */
  save(): void {
    const { rollups, streaks } = this.#tables
    for (let at = 0; at < this.#used; at++) {
      const sum = this.#sums[at]
      if (sum === undefined) continue
      rollups.add(sum)
      clearSum(sum)
    }
    this.#used = 0
    this.#sums.length = Math.min(this.#sums.length, KEPT_SUMS)
    for (const counted of this.#changed) {
      streaks.write(this.route, counted.target, counted.streak)
      counted.isChanged = false
    }
    this.#changed.length = 0
    this.isDirty = false
  }

  #countedFor(target: string): Counted {
    if (this.#counted?.target === target) return this.#counted
    const streak = this.#tables.streaks
    const counted = this.#streaks.get(target) ?? {
      target,
      streak: streak.read(this.route, target),
      isChanged: false,
    }
    this.#streaks.set(target, counted)
    this.#counted = counted
    return counted
  }

  #sumAt(atMs: number): MinuteSum {
    const latest = this.#latest
    if (this.#used > 0 && atMs >= latest.minute && atMs < latest.minute + SPANS.minute) return latest
    const minute = atMs - (atMs % SPANS.minute)
    let at = 0
    while (at < this.#used && this.#sums[at]?.minute !== minute) at++
    const sum = this.#sums[at] ?? newMinuteSum(this.route, minute)
    sum.minute = minute
    this.#sums[at] = sum
    this.#used = Math.max(this.#used, at + 1)
    this.#latest = sum
    return sum
  }
}
