import type { DatabaseSync } from 'node:sqlite'

import { foldStreak, noStreak, type Streak } from '../../../callback/streak.ts'
import { voteOf } from '../../../callback/vote.ts'
import type { AttemptRecord } from '../../codec/records.ts'

/** Streaks, folded with the attempts of each batch in the batch's own transaction. */
export interface StreakTable {
  fold(attempt: AttemptRecord): void
  /** Writes what was folded since the last time. */
  save(): void
  /** Forgets what was folded and not written: the transaction was undone. */
  reset(): void
}

interface Entry {
  readonly route: string
  readonly target: string
  streak: Streak
  isChanged: boolean
}

export function createStreakTable(db: DatabaseSync): StreakTable {
  const select = db.prepare('SELECT streak FROM streaks WHERE route = ? AND target = ?')
  const upsert = db.prepare('INSERT OR REPLACE INTO streaks (route, target, streak) VALUES (?, ?, ?)')
  const entries = new Map<string, Entry>()

  const entryOf = (route: string, target: string): Entry => {
    const key = `${route}\n${target}`
    const known = entries.get(key)
    if (known !== undefined) return known
    const row = select.get(route, target)
    const streak = row === undefined ? noStreak : (JSON.parse(String(row['streak'])) as Streak)
    const entry = { route, target, streak, isChanged: false }
    entries.set(key, entry)
    return entry
  }

  return {
    fold(attempt) {
      const vote = voteOf(attempt)
      if (vote === undefined) return
      const entry = entryOf(attempt.route, attempt.streakKey)
      entry.streak = foldStreak(entry.streak, vote.callbackId, vote.succeeded)
      entry.isChanged = true
    },
    save() {
      for (const entry of entries.values()) {
        if (!entry.isChanged) continue
        upsert.run(entry.route, entry.target, JSON.stringify(entry.streak))
        entry.isChanged = false
      }
    },
    reset() {
      entries.clear()
    },
  }
}
