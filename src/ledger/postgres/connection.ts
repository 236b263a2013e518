import pg from 'pg'

import type { Place } from './place.ts'

export type Client = pg.Client
export type Pool = pg.Pool
/** What runs statements: a pool, or a client inside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>

export interface Connecting {
  /** Shown by the server in pg_stat_activity. */
  readonly name: string
  /** A statement that takes longer is given up by the server, and a second later by us. */
  readonly timeoutMs: number
  readonly isReadOnly?: boolean
}

const CONNECT_MS = 3_000
const INT8 = 20

/** Numbers of the ledger are times and counts: all of them fit. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as (value: string) => unknown,
}

/**
 * How every connection is made. A server whose client is gone must notice soon, because locks and leases hang on the
 * connection: hence the short keep-alives on both sides.
 */
function configOf({ connectionString, schema }: Place, { name, timeoutMs, isReadOnly }: Connecting) {
  const settings = {
    search_path: schema,
    statement_timeout: String(timeoutMs),
    idle_in_transaction_session_timeout: '15000',
    synchronous_commit: 'on',
    tcp_keepalives_idle: '5',
    tcp_keepalives_interval: '2',
    tcp_keepalives_count: '3',
    ...(isReadOnly === true && { default_transaction_read_only: 'on' }),
  }
  return {
    connectionString,
    application_name: `ringback ${name}`,
    options: Object.entries(settings)
      .map(([key, value]) => `-c ${key}=${value}`)
      .join(' '),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: timeoutMs + 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types,
  }
}

/**
 * One connection that sends statements without waiting for the results of those before. `onLost` is called once when
 * it ends by itself.
 */
export async function connect(place: Place, how: Connecting, onLost: () => void): Promise<Client> {
  const client = new pg.Client({ ...configOf(place, how), pipeline: true })
  client.on('error', onLost)
  client.on('end', onLost)
  await client.connect()
  return client
}

export function openPool(place: Place, how: Connecting & { readonly most: number }): Pool {
  const pool = new pg.Pool({ ...configOf(place, how), max: how.most, idleTimeoutMillis: 60_000 })
  // One that is lost while it is used fails its statement; without a listener it would end the thread as well.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', () => undefined) // an idle connection was lost: the next question opens another one
  return pool
}

export async function rowsOf<Found>(
  db: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Found[]> {
  const { rows } = await db.query(sql, values.map(storable))
  return rows as Found[]
}

/** How many rows a statement touched. */
export async function countOf(db: Queryable, sql: string, values: readonly unknown[] = []): Promise<number> {
  return (await db.query(sql, values.map(storable))).rowCount ?? 0
}

/** Texts of PostgreSQL hold no NUL (https://www.postgresql.org/docs/current/datatype-character.html). */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** Runs all of it or nothing. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (db: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: unknown
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      (lost: unknown) => lost,
    )
    throw error
  } finally {
    client.release(broken !== undefined)
  }
}

/** Rows as a parameter for json_to_recordset: one statement, one plan, however many rows. */
export function jsonRows(rows: readonly object[]): string {
  const text = JSON.stringify(rows)
  if (!text.includes('\\u0000')) return text
  return JSON.stringify(rows, (_, value: unknown) => storable(value))
}
