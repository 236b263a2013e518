import { messageOf, RingbackError, systemCodeOf } from '../../errors.ts'

/** Primary result codes (https://www.sqlite.org/rescode.html) after which the same rows may be written later. */
const passing: ReadonlyMap<number, string> = new Map([
  [5, 'another process holds the ledger locked'],
  [6, 'the ledger is locked'],
  [7, 'there is not enough memory'],
  [8, 'the ledger is read-only; check the permissions of the file and its folder'],
  [10, 'the disk failed to read or write'],
  [11, 'the ledger file is damaged'],
  [13, 'the disk is full'],
  [14, 'the ledger file cannot be opened; check the folder and its permissions'],
  [15, 'the ledger file is locked in a way that is not understood'],
  [26, 'the file is not a ledger'],
])

/** An error of the database: in words, and whether it says something of the disk rather than of the rows. */
export interface Problem {
  readonly text: string
  readonly canRetry: boolean
}

export function problemOf(error: unknown): Problem {
  const text = messageOf(error)
  const code = codeOf(error)
  const words = code === undefined ? ofSystem.get(systemCodeOf(error)) : passing.get(code)
  return words === undefined ? { text, canRetry: false } : { text: `${words} (${text})`, canRetry: true }
}

/** The same of the files beside the ledger, by the name of the system's error. */
const ofSystem: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk is full for this user'],
  ['EIO', 'the disk failed to read or write'],
  ['EROFS', 'the disk is read-only'],
])

/** The primary result code of SQLite, or undefined for any other error. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}

/** An error for the person who starts Ringback: which file, what is wrong, what to do. */
export function refusalOf(path: string, error: unknown): RingbackError {
  if (error instanceof RingbackError) return error
  const code = codeOf(error)
  const isDamaged = code === 11 || code === 26
  const remedy = isDamaged
    ? 'Move it away to start with an empty ledger, or restore a copy.'
    : 'Check the path in `store`, its permissions and the free space.'
  return new RingbackError(
    'ledger',
    `The ledger ${path} cannot be used: ${problemOf(error).text}. ${remedy}`,
    {
      cause: error,
    },
  )
}
