import type { AttemptRow, MessageRow } from '../../rows.ts'
import { messageIn } from '../../stored/message-reader.ts'
import { type Queryable, rowsOf } from '../connection.ts'

/** Where a message lies, and the block it lies in; null where there is none (any more). */
interface Placed {
  readonly slot: number | null
  readonly is_packed: boolean | null
  readonly data: Uint8Array | null
}

type StoredAttempt = Omit<AttemptRow, 'reply'> & Placed

export async function requestOf(db: Queryable, id: string): Promise<MessageRow | null> {
  const [row] = await rowsOf<Placed>(
    db,
    'SELECT c.slot, b.is_packed, b.data FROM callbacks AS c JOIN blocks AS b ON b.block = c.block WHERE c.id = $1',
    [id],
  )
  return row === undefined ? null : messageAt(row)
}

/** When it is due again; null when it does not wait. */
export async function nextAttemptOf(db: Queryable, id: string): Promise<number | null> {
  const [row] = await rowsOf<{ due_at: number }>(
    db,
    `SELECT due_at FROM inbox WHERE id = $1 AND state = 'waiting'`,
    [id],
  )
  return row?.due_at ?? null
}

/** Of each callback in the order of their numbers, with their replies. */
export async function attemptsOf(db: Queryable, ids: readonly string[]): Promise<readonly AttemptRow[]> {
  const rows = await rowsOf<StoredAttempt>(
    db,
    `SELECT a.callback_id, a.number, a.target, a.url, a.via, a.started_at, a.outcome, a.status, a.dns_ms, a.connect_ms,
       a.tls_ms, a.first_byte_ms, a.total_ms, a.error, a.resent, a.slot, b.is_packed, b.data
     FROM attempts AS a LEFT JOIN blocks AS b ON b.block = a.block WHERE a.callback_id = ANY($1) ORDER BY a.number`,
    [ids],
  )
  return rows.map(attemptOf)
}

function attemptOf({ slot, is_packed, data, ...row }: StoredAttempt): AttemptRow {
  return { ...row, reply: messageAt({ slot, is_packed, data }) }
}

function messageAt({ slot, is_packed, data }: Placed): MessageRow | null {
  if (slot === null || data === null) return null
  return messageIn({ data, isPacked: is_packed === true }, slot) ?? null
}
