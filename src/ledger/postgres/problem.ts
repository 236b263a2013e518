import { messageOf, RingbackError } from '../../errors.ts'

/** An error of the database: in words, and whether it says something of the server rather than of the rows. */
export interface Problem {
  readonly text: string
  readonly canRetry: boolean
}

/** Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) that are the rows' own fault. */
const ofRows: ReadonlySet<string> = new Set(['22', '23'])

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the database refuses connections',
  ENOTFOUND: 'the host of the database is not known',
  EAI_AGAIN: 'the host of the database cannot be looked up',
  ETIMEDOUT: 'the database does not answer',
  ECONNRESET: 'the connection to the database was cut',
  '25006': 'the database is read-only; is it a standby?',
  '28P01': 'the database refuses the password',
  '28000': 'the database refuses the user',
  '3D000': 'there is no such database',
  '42501': 'the user of the database lacks a permission',
  '53100': 'the disk of the database is full',
  '53300': 'the database has too many connections',
  '57014': 'the database took too long',
  '57P01': 'the database is shutting down',
  '57P03': 'the database is starting up',
}

export function problemOf(error: unknown): Problem {
  const text = textOf(error)
  const code = codeOf(error)
  const found = code === undefined ? undefined : words[code]
  const canRetry = code === undefined || !ofRows.has(code.slice(0, 2))
  return { text: found === undefined ? text : `${found} (${text})`, canRetry }
}

/** Errors of several addresses of one host come together, without a text of their own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ')
  return messageOf(error)
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error instanceof Error ? error : {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** An error for the person who starts Ringback: which database, what is wrong, what to do. */
export function refusalOf(location: string, error: unknown): RingbackError {
  if (error instanceof RingbackError) return error
  return new RingbackError(
    'ledger',
    `The ledger ${location} cannot be used: ${problemOf(error).text}. ` +
      'Check `store`: host, database, user and password; the user must be allowed to create a schema.',
    { cause: error },
  )
}
