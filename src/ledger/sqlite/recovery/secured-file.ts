import { closeSync, constants, fdatasync, openSync, readFileSync, write } from 'node:fs'
import { crc32 } from 'node:zlib'

import type { Ticket } from '../../ledger.ts'
import type { LedgerPosition } from '../../writing/protocol.ts'
import type { Secured, Securer } from '../../writing/securing-lane.ts'
import { problemOf } from '../problem.ts'
import { fillByPages } from './fill-by-pages.ts'

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
const FIRST_PIECE_BYTES = 64 * 1024
const NONE: Ticket = 0

/** Where one of the two files is written next, and up to which ticket it holds rows that are not committed. */
interface Half {
  readonly fd: number
  end: number
  last: Ticket
}

interface Halves {
  readonly both: readonly [Half, Half]
  current: Half
}

/**
 * What somebody waits for is written here as it came, beside the ledger: most of the work of a commit is in tables and
 * indexes, and one that gathers more rows does less of it for each. A write returns when it is on disk (`O_DSYNC`), and
 * happens on a thread of libuv's, so that neither who forwards nor who commits is held up.
 *
 * There are two files, so that one can be begun anew while the other holds rows of a batch that is still open. Nothing is
 * ever erased: whether a piece was committed, the ledger's own state tells, which changes in the transaction of its batch.
 */
export class SecuredFile implements Securer {
  readonly #ledger: string
  readonly #session: string
  readonly #base: string
  #state: LedgerPosition
  /** Undefined after an error of the disk: what was open then is not trusted again. */
  #halves: Halves | undefined
  /** Memory of the piece that is being written. */
  #piece = Buffer.alloc(FIRST_PIECE_BYTES)
  #isWriting = false
  #isClosed = false

  /**
   * @param ledger the file of the ledger
   * @param session of the process that writes
   * @param state of the ledger as it is now
   * @throws the error of the system when a file cannot be opened
   */
  constructor(ledger: string, session: string, state: LedgerPosition) {
    this.#ledger = ledger
    this.#session = session
    this.#base = state.session
    this.#state = state
    this.#halves = openHalves(ledger, state)
  }

  add(secured: Secured, nowMs: number, done: (problem: string) => void): void {
    const failed = (error: unknown): void => {
      this.#isWriting = false
      this.#distrust()
      done(problemOf(error).text)
    }
    let half: Half
    let length: number
    try {
      this.#halves ??= openHalves(this.#ledger, this.#state)
      half = this.#halves.current
      length = this.#compose(secured, nowMs)
    } catch (error) {
      setImmediate(failed, error)
      return
    }
    this.#isWriting = true
    half.last = secured.last
    write(half.fd, this.#piece, 0, length, half.end, (error, written) => {
      if (error !== null) failed(error)
      else if (written !== length) failed(cutOff())
      else {
        this.#isWriting = false
        // Its batch may have been committed in the meantime.
        if (half.last !== NONE) half.end += written
        if (this.#isClosed) this.#distrust()
        done('')
      }
    })
  }

  committed(upTo: Ticket): void {
    this.#state = { session: this.#session, ticket: upTo }
    if (this.#halves === undefined) return
    const { both, current } = this.#halves
    for (const half of both) {
      if (half.last === NONE || half.last > upTo) continue
      half.end = 0
      half.last = NONE
    }
    const other = current === both[0] ? both[1] : both[0]
    if (current.last !== NONE && other.last === NONE) this.#halves.current = other
  }

  /** After what is being written. */
  close(): void {
    this.#isClosed = true
    if (!this.#isWriting) this.#distrust()
  }

  #distrust(): void {
    for (const { fd } of this.#halves?.both ?? []) closeSync(fd)
    this.#halves = undefined
  }

  /** @returns the length of the piece */
  #compose({ rows, records, last }: Secured, nowMs: number): number {
    const length = HEAD + records.length
    if (length > this.#piece.length) this.#piece = Buffer.alloc(length * 2)
    const piece = this.#piece
    piece.writeUInt32LE(MAGIC, 0)
    piece.writeUInt32LE(records.length, 8)
    piece.writeUInt32LE(rows, 12)
    piece.writeDoubleLE(nowMs, 16)
    piece.writeDoubleLE(last, 24)
    writeName(piece, this.#session, SESSION_AT)
    writeName(piece, this.#base, SESSION_AT + SESSION_BYTES)
    piece.set(records, HEAD)
    piece.writeUInt32LE(crc32(piece.subarray(CRC_FROM, length)), 4)
    return length
  }
}

function cutOff(): Error {
  return Object.assign(new Error('a piece of rows was cut off'), { code: 'ENOSPC' })
}

function openHalves(ledger: string, state: LedgerPosition): Halves {
  const [first, second] = filesOf(ledger)
  const opened = openHalf(first, state)
  return { both: [opened, openHalf(second, state)], current: opened }
}

function openHalf(path: string, state: LedgerPosition): Half {
  const newest = piecesOf(path).findLast((piece) => isLive(piece, state))
  if (newest === undefined) prepare(path)
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC, 0o600)
  return { fd, end: newest?.end ?? 0, last: newest?.last ?? NONE }
}

/** What a process that ended had secured and not yet committed, in order. @param state of the ledger as it is now */
export function readSecured(ledger: string, state: LedgerPosition): readonly SecuredPiece[] {
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
function isLive(piece: FoundPiece, state: LedgerPosition): boolean {
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

/** Nothing in the file counts any more: it is made anew. Nobody waits until that is on the disk. */
function prepare(path: string): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
  try {
    fillByPages(fd, FIRST_BYTES, 0)
  } catch {
    // On a full disk the file grows with what is written, or does not: that is said then.
  }
  fdatasync(fd, () => closeSync(fd))
}

function writeName(head: Buffer, name: string, at: number): void {
  head.fill(0, at, at + SESSION_BYTES)
  head.write(name, at, SESSION_BYTES, 'latin1')
}

function readName(file: Buffer, at: number): string {
  return file.toString('latin1', at, at + SESSION_BYTES).replace(/\0+$/, '')
}
