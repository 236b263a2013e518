import { createHash } from 'node:crypto'

import type { Client } from '../connection.ts'

/** Runs a statement, prepared at its first use on a connection, without waiting for those before it. */
export interface Send {
  <Found = unknown>(sql: string, values?: readonly unknown[]): Promise<readonly Found[]>
}

const names = new Map<string, string>()

export function sendOver(client: Client): Send {
  return async (sql, values = []) => {
    const { rows } = await client.query({ name: nameOf(sql), text: sql, values: [...values] })
    return rows as never
  }
}

function nameOf(sql: string): string {
  let name = names.get(sql)
  if (name === undefined) {
    name = createHash('sha256').update(sql).digest('hex').slice(0, 16)
    names.set(sql, name)
  }
  return name
}
