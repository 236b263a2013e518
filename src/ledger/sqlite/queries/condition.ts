import type { SQLInputValue } from 'node:sqlite'

/** What a row of `callbacks AS c` has to fit. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** Columns that are asked for, each equal to its value. */
export function equalTo(columns: Readonly<Record<string, string | undefined>>): Condition {
  const asked = Object.entries(columns).filter(([, value]) => value !== undefined)
  return {
    sql: asked.map(([column]) => `${column} = ?`).join(' AND ') || 'true',
    values: asked.map(([, value]) => value ?? null),
  }
}

export function both(a: Condition, b: Condition): Condition {
  return { sql: `${a.sql} AND ${b.sql}`, values: [...a.values, ...b.values] }
}
