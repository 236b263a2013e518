import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import { type Image, type ImageReader, must } from '../memory/image.ts'
import { decodeIndex, type Entry, type GuardIndex, type GuardStamp } from './guard-index.ts'

/** Bytes of a place in the file of pieces; no piece is larger (record-ring.ts). */
export const PLACE_BYTES = 448 * 1024

/** The file of pieces beside an index. */
export function piecesPathOf(path: string): string {
  return `${path}.pieces`
}

/** What stands in a place of the file of pieces. */
export interface KeptPiece {
  readonly version: number
  readonly entry: Entry
}

/** By guard and name. */
export type KeptPieces = ReadonlyMap<string, KeptPiece>

/** Guards as they were written, for reading. To be closed. */
export class GuardFile implements ImageReader, Disposable {
  readonly #index: GuardIndex
  readonly #file: number
  #next = 0
  #smallAt = 0

  /** @throws an error of the system, or RangeError when the index is not whole */
  constructor(path: string) {
    this.#index = decodeIndex(readFileSync(path))
    this.#file = openSync(piecesPathOf(path), constants.O_RDONLY)
  }

  get stamp(): GuardStamp {
    return this.#index.stamp
  }

  read(piece: NodeJS.ArrayBufferView): void {
    const entry = this.#index.entries[this.#next++]
    must(entry !== undefined, 'less in it than it says')
    must(entry.byteLength === piece.byteLength, 'pieces of other sizes')
    const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    if (entry.place < 0) this.#readSmall(bytes)
    else this.#readPlace(entry, bytes)
  }

  /** Was all of it read? */
  get isAtEnd(): boolean {
    return this.#next === this.#index.entries.length && this.#smallAt === this.#index.small.length
  }

  /** Which pieces of images that were made of this file need not be written again. */
  keptOf(images: readonly Image[]): KeptPieces {
    const pieces = images.flatMap((image, guard) => image.map((piece) => ({ piece, guard })))
    const kept = new Map<string, KeptPiece>()
    for (const [i, { piece, guard }] of pieces.entries()) {
      const entry = this.#index.entries[i]
      if (piece.kept === undefined || entry === undefined) continue
      must(entry.place >= 0, 'a large piece among the small ones')
      kept.set(nameOf(guard, piece.kept.name), { version: piece.kept.version, entry })
    }
    return kept
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #readSmall(bytes: Uint8Array): void {
    const { small } = this.#index
    const end = this.#smallAt + bytes.length
    must(end <= small.length, 'less in it than it says')
    bytes.set(small.subarray(this.#smallAt, end))
    this.#smallAt = end
  }

  #readPlace({ place, crc }: Entry, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, place * PLACE_BYTES + done)
      must(count > 0, 'an end before its end')
      done += count
    }
    must(crc32(bytes) === crc, 'a piece that was changed')
  }
}

/** Name of a piece among those of all guards. */
export function nameOf(guard: number, name: string): string {
  return `${guard} ${name}`
}
