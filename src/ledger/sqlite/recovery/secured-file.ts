import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readFileSync, writevSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import type { Ticket } from '../../ledger.ts'
import type { LedgerState } from '../tables/state-row.ts'

/** Rows as they were handed over, in their order, that no committed batch holds. */
export interface Secured {
  readonly rows: number
  readonly records: Uint8Array
  /** Ticket of the last row, in the session that wrote it. */
  readonly last: Ticket
}

export interface SecuredPiece extends Secured {
  readonly writtenAt: number
  /** Process that wrote it. */
  readonly session: string
}

/*
 * A piece, little-endian:
 *   u32 "RBS1", u32 CRC-32 of all that follows, u32 length of the records, u32 rows
 *   f64 written at (milliseconds since the epoch), f64 ticket of the last row
 *   40 bytes session, 40 bytes what the ledger named as its session when the file was opened (Latin-1, zeros behind)
 *   the records
 */
const MAGIC = 0x31_53_42_52
const CRC_FROM = 8
const SESSION_AT = 32
const SESSION_BYTES = 40
const HEAD = SESSION_AT + 2 * SESSION_BYTES
/** A file is made as large as it mostly gets, so that writing it changes nothing but its bytes. */
const FIRST_BYTES = 1024 * 1024
const NONE: Ticket = 0

/** Where one of the two files is written, and up to which ticket it holds rows that are not committed. */
interface Half {
  readonly fd: number
  end: number
  last: Ticket
}

/**
 * What somebody waits for is written here as it came, beside the ledger: most of the work of a commit is in tables and
 * indexes, and one that gathers more rows does less of it for each. There are two files, so that one can be begun anew
 * while the other holds rows of a batch that is still open. Nothing is ever erased: whether a piece was committed, the
 * ledger's own state tells, which changes in the transaction of its batch.
 */
export class SecuredFile {
  readonly #session: string
  readonly #base: string
  readonly #halves: readonly [Half, Half]
  readonly #head = Buffer.alloc(HEAD)
  #current: Half

  /**
   * @param ledger the file of the ledger
   * @param session of the process that writes
   * @param state of the ledger as it is now
   * @throws the error of the system when a file cannot be opened
   */
  constructor(ledger: string, session: string, state: Pick<LedgerState, 'session' | 'ticket'>) {
    this.#session = session
    this.#base = state.session
    const [first, second] = filesOf(ledger).map((path): Half => {
      const newest = piecesOf(path).findLast((piece) => isLive(piece, state))
      const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
      return { fd, end: newest?.end ?? 0, last: newest?.last ?? NONE }
    })
    if (first === undefined || second === undefined)
      throw new RangeError('a ledger has two files of secured rows')
    this.#halves = [first, second]
    this.#current = first
    for (const { fd } of this.#halves) enlarge(fd)
  }

  /** When it returns, the rows are on disk. @throws the error of the system when they are not */
  add({ rows, records, last }: Secured, nowMs: number): void {
    const half = this.#current
    const head = this.#head
    head.writeUInt32LE(MAGIC, 0)
    head.writeUInt32LE(records.length, 8)
    head.writeUInt32LE(rows, 12)
    head.writeDoubleLE(nowMs, 16)
    head.writeDoubleLE(last, 24)
    writeName(head, this.#session, SESSION_AT)
    writeName(head, this.#base, SESSION_AT + SESSION_BYTES)
    head.writeUInt32LE(crc32(records, crc32(head.subarray(CRC_FROM))), 4)
    const written = writevSync(half.fd, [head, records], half.end)
    if (written !== HEAD + records.length) {
      throw Object.assign(new Error('a piece of rows was cut off'), { code: 'ENOSPC' })
    }
    fdatasyncSync(half.fd)
    half.end += written
    half.last = last
  }

  /** Rows up to this ticket are committed; what holds nothing else is begun anew. */
  committed(upTo: Ticket): void {
    for (const half of this.#halves) {
      if (half.last === NONE || half.last > upTo) continue
      half.end = 0
      half.last = NONE
    }
    const other = this.#current === this.#halves[0] ? this.#halves[1] : this.#halves[0]
    if (this.#current.last !== NONE && other.last === NONE) this.#current = other
  }

  close(): void {
    for (const { fd } of this.#halves) closeSync(fd)
  }
}

/** What a process that ended had secured and not yet committed, in order. @param state of the ledger as it is now */
export function readSecured(
  ledger: string,
  state: Pick<LedgerState, 'session' | 'ticket'>,
): readonly SecuredPiece[] {
  return filesOf(ledger)
    .flatMap(piecesOf)
    .filter((piece) => isLive(piece, state))
    .sort((a, b) => a.last - b.last)
}

interface FoundPiece extends SecuredPiece {
  /** What the ledger named as its session when the piece was written. */
  readonly base: string
  /** Where it ends in its file. */
  readonly end: number
}

/**
 * One of the session that committed last counts from the first ticket on that was not committed; one of a session that
 * has not committed yet counts if it began with this ledger. All others are of another ledger, or of another time.
 */
function isLive(piece: FoundPiece, state: Pick<LedgerState, 'session' | 'ticket'>): boolean {
  return piece.session === state.session ? piece.last > state.ticket : piece.base === state.session
}

/** The whole pieces from the start of a file on, of whatever time: new ones are written over old ones. */
function piecesOf(path: string): readonly FoundPiece[] {
  const file = readIfThere(path)
  const pieces: FoundPiece[] = []
  for (let at = 0; file.length >= at + HEAD && file.readUInt32LE(at) === MAGIC;) {
    const end = at + HEAD + file.readUInt32LE(at + 8)
    if (end > file.length || crc32(file.subarray(at + CRC_FROM, end)) !== file.readUInt32LE(at + 4)) break
    pieces.push({
      end,
      rows: file.readUInt32LE(at + 12),
      records: file.subarray(at + HEAD, end),
      writtenAt: file.readDoubleLE(at + 16),
      last: file.readDoubleLE(at + 24),
      session: readName(file, at + SESSION_AT),
      base: readName(file, at + SESSION_AT + SESSION_BYTES),
    })
    at = end
  }
  return pieces
}

/** The files beside a ledger. */
export function filesOf(ledger: string): readonly [string, string] {
  return [`${ledger}.secured-0`, `${ledger}.secured-1`]
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

function enlarge(fd: number): void {
  const { size } = fstatSync(fd)
  if (size >= FIRST_BYTES) return
  try {
    writevSync(fd, [Buffer.alloc(FIRST_BYTES - size)], size)
    fdatasyncSync(fd)
  } catch {
    // On a full disk the file grows with what is written, or does not: that is said then.
  }
}

function writeName(head: Buffer, name: string, at: number): void {
  head.fill(0, at, at + SESSION_BYTES)
  head.write(name, at, SESSION_BYTES, 'latin1')
}

function readName(file: Buffer, at: number): string {
  return file.toString('latin1', at, at + SESSION_BYTES).replace(/\0+$/, '')
}
