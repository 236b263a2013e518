import { RingbackError } from '../../errors.ts'

/** Which tables of which database; see `placeOf`. */
export interface Place {
  /** For the client library; may hold a password. */
  readonly connectionString: string
  readonly schema: string
  /** Host, port and database, for people: holds no credentials. */
  readonly location: string
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/
const DEFAULT_SCHEMA = 'ringback'

/**
 * Takes a URL `postgres://user:password@host:port/database?schema=ringback` apart. Everything but `schema` is for the
 * client library: https://node-postgres.com/features/connecting#connection-uri
 *
 * @throws RingbackError when the name of the schema is not a plain one
 */
export function placeOf(url: string): Place {
  const parsed = new URL(url)
  const schema = parsed.searchParams.get('schema') ?? DEFAULT_SCHEMA
  if (!SCHEMA.test(schema)) {
    throw new RingbackError(
      'config',
      'store: the schema must be a name of small letters, digits and underscores',
    )
  }
  parsed.searchParams.delete('schema')
  const where = `postgres://${parsed.host}${parsed.pathname}`
  return {
    connectionString: parsed.href,
    schema,
    location: schema === DEFAULT_SCHEMA ? where : `${where}?schema=${schema}`,
  }
}
