import type { DatabaseSync } from 'node:sqlite'

import type { AttemptRow, MessageRow } from '../../rows.ts'
import { messageIn } from '../../stored/message-reader.ts'

/** What belongs to one callback: its request and its attempts with their replies. */
export interface DetailQuery {
  request(id: string): MessageRow | null
  /** When it is due again; null when it does not wait. */
  nextAttemptAt(id: string): number | null
  /** In the order of their numbers. */
  attempts(id: string): AttemptRow[]
}

interface Placed {
  readonly block: number | null
  readonly slot: number | null
}

type StoredAttempt = Omit<AttemptRow, 'resent' | 'reply'> & Placed & { readonly resent: number }

const ATTEMPTS = `SELECT callback_id, number, target, url, via, started_at, outcome, status, dns_ms, connect_ms, tls_ms,
  first_byte_ms, total_ms, error, resent, block, slot FROM attempts WHERE callback_id = ? ORDER BY number`

export function createDetailQuery(db: DatabaseSync): DetailQuery {
  const place = db.prepare('SELECT block, slot FROM callbacks WHERE id = ?')
  const block = db.prepare('SELECT data, is_packed FROM blocks WHERE block = ?')
  const attempts = db.prepare(ATTEMPTS)
  const waits = db.prepare(`SELECT due_at FROM inbox WHERE id = ? AND state = 'waiting'`)

  const message = (at: Placed | undefined): MessageRow | null => {
    if (at === undefined || at.block === null || at.slot === null) return null
    const row = block.get(at.block)
    if (row === undefined) return null // deleted by retention before the callback, which waited
    const stored = { data: row['data'] as Uint8Array, isPacked: row['is_packed'] === 1 }
    return messageIn(stored, at.slot) ?? null
  }

  return {
    request: (id) => message(place.get(id) as unknown as Placed | undefined),
    nextAttemptAt: (id) => {
      const due = waits.get(id)?.['due_at']
      return typeof due === 'number' ? due : null
    },
    attempts: (id) => (attempts.all(id) as unknown as StoredAttempt[]).map(attemptRow),
  }

  function attemptRow({ block, slot, resent, ...row }: StoredAttempt): AttemptRow {
    return { ...row, resent: resent === 1, reply: message({ block, slot }) }
  }
}
