import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync, writevSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import { type Image, type ImageReader, must } from './memory/image.ts'

/** What a file of guards says of itself. */
export interface GuardStamp {
  /** Unix milliseconds. */
  readonly writtenAt: number
  /** Id of the callback up to which the guards know all that the ledger knows. */
  readonly position: string
}

/*
 * The file, in the byte order of the machine, so that another one finds another magic number:
 *   u32 "RBG1", u32 CRC-32 of all that follows
 *   f64 written at, 32 bytes position (Latin-1, zeros behind)
 *   the images of the guards
 */
const MAGIC = 0x31_47_42_52
const CRC_FROM = 8
const POSITION_AT = 16
const HEAD_BYTES = 48
/** More than guards can be. */
const MOST_BYTES = 256 * 2 ** 20
const PIECE_BYTES = 256 * 1024

/**
 * Puts guards into a file, in the place of the one before. A file that a crash cuts off is never read; whether it is on
 * the disk does not matter, because the ledger knows the same.
 *
 * @throws the error of the system when it cannot be written; then the file before is still there
 */
export function writeGuardFile(path: string, { writtenAt, position }: GuardStamp, image: Image): void {
  const head = Buffer.alloc(HEAD_BYTES)
  new Float64Array(head.buffer, head.byteOffset + CRC_FROM, 1)[0] = writtenAt
  head.write(position, POSITION_AT, 'latin1')
  const crc = image.reduce((sum, piece) => crc32(piece, sum), crc32(head.subarray(CRC_FROM)))
  new Uint32Array(head.buffer, head.byteOffset, 2).set([MAGIC, crc])
  const unfinished = `${path}.new`
  rmSync(unfinished, { force: true })
  try {
    writeAll(unfinished, [head, ...image])
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

function writeAll(path: string, pieces: Image): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    if (writevSync(file, [...pieces]) < bytes) throw new Error('only a part could be written')
  } finally {
    closeSync(file)
  }
}

/** A file of guards whose bytes are as they were written. To be closed. */
export class GuardFile implements ImageReader, Disposable {
  readonly stamp: GuardStamp
  readonly #file: number
  readonly #bytes: number
  #at = 0

  /** @throws an error of the system, or RangeError when the file is not whole */
  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDONLY)
    try {
      this.#bytes = fstatSync(this.#file).size
      must(this.#bytes >= HEAD_BYTES && this.#bytes <= MOST_BYTES, 'a length that cannot be')
      this.stamp = this.#readHead()
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  read(piece: NodeJS.ArrayBufferView): void {
    must(this.#at + piece.byteLength <= this.#bytes, 'less in it than it says')
    for (let done = 0; done < piece.byteLength;) {
      const count = readSync(this.#file, piece, done, piece.byteLength - done, this.#at)
      must(count > 0, 'an end before its end')
      done += count
      this.#at += count
    }
  }

  /** Was all of it read? */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #readHead(): GuardStamp {
    const head = Buffer.alloc(HEAD_BYTES)
    this.read(head)
    const [magic, crc] = new Uint32Array(head.buffer, head.byteOffset, 2)
    must(magic === MAGIC, 'another form')
    must(crc === this.#crcOfRest(crc32(head.subarray(CRC_FROM))), 'bytes that were changed')
    const [writtenAt = 0] = new Float64Array(head.buffer, head.byteOffset + CRC_FROM, 1)
    const position = head.toString('latin1', POSITION_AT).replace(/\0+$/, '')
    return { writtenAt, position }
  }

  #crcOfRest(before: number): number {
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
    let crc = before
    while (!this.isAtEnd) {
      const part = piece.subarray(0, Math.min(PIECE_BYTES, this.#bytes - this.#at))
      this.read(part)
      crc = crc32(part, crc)
    }
    this.#at = HEAD_BYTES
    return crc
  }
}
