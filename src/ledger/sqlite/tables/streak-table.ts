import type { DatabaseSync } from 'node:sqlite'

import { noStreak, type Streak } from '../../../callback/streak.ts'

/** The streak of each target of each route. */
export interface StreakTable {
  read(route: string, target: string): Streak
  write(route: string, target: string, streak: Streak): void
}

export function createStreakTable(db: DatabaseSync): StreakTable {
  const select = db.prepare('SELECT streak FROM streaks WHERE route = ? AND target = ?')
  const upsert = db.prepare('INSERT OR REPLACE INTO streaks (route, target, streak) VALUES (?, ?, ?)')
  return {
    read(route, target) {
      const row = select.get(route, target)
      return row === undefined ? noStreak : (JSON.parse(String(row['streak'])) as Streak)
    },
    write(route, target, streak) {
      upsert.run(route, target, JSON.stringify(streak))
    },
  }
}
