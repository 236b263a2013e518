import { RingbackError } from '../../errors.ts'
import { type Client, rowsOf } from './connection.ts'
import { LEDGER_TABLES } from './migrations/001-ledger.ts'
import { ALERT_TABLES } from './migrations/002-alerts.ts'
import type { Place } from './place.ts'

/** In order; the table `schema_version` holds how many were applied. A released one is never changed. */
const migrations: readonly string[] = [LEDGER_TABLES, ALERT_TABLES]

/** Two replicas that start together do this one after the other. The number is arbitrary: "RBLG". */
const LOCK = 0x52_42_4c_47

/**
 * Brings the schema to this version, as a whole or not at all.
 *
 * @throws RingbackError when the schema is of another program or of a newer version, or the database cannot hold it
 */
export async function migrate(client: Client, { schema, location }: Place): Promise<void> {
  const [encoding] = await rowsOf<{ server_encoding: string }>(client, 'SHOW server_encoding')
  if (encoding?.server_encoding !== 'UTF8') {
    throw new RingbackError(
      'ledger',
      `The database ${location} keeps texts as ${encoding?.server_encoding}; make one with ENCODING 'UTF8'.`,
    )
  }
  await client.query('BEGIN')
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const version = await versionOf(client, { schema, location })
    if (version < migrations.length) {
      for (const sql of migrations.slice(version)) await client.query(sql)
      await client.query('UPDATE schema_version SET version = $1', [migrations.length])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

async function versionOf(client: Client, { schema, location }: Pick<Place, 'schema' | 'location'>) {
  const tables = await rowsOf<{ name: string }>(
    client,
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    [schema],
  )
  if (!tables.some(({ name }) => name === 'schema_version')) {
    if (tables.length > 0) {
      throw new RingbackError(
        'ledger',
        `The schema ${schema} of ${location} holds tables of another program. Name another one: ?schema=NAME in \`store\`.`,
      )
    }
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await client.query('CREATE TABLE schema_version (version integer NOT NULL)')
    await client.query('INSERT INTO schema_version VALUES (0)')
  }
  const [found] = await rowsOf<{ version: number }>(client, 'SELECT version FROM schema_version')
  const version = found?.version ?? 0
  if (version > migrations.length) {
    throw new RingbackError(
      'ledger',
      `${location} was written by a newer version of Ringback (schema ${version}, this version knows ` +
        `${migrations.length}). Install that version again, or name another schema: ?schema=NAME in \`store\`.`,
    )
  }
  return version
}
