import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import type { Image, Piece } from '../memory/image.ts'
import { type KeptPiece, type KeptPieces, nameOf, piecesPathOf, PLACE_BYTES } from './guard-file.ts'
import { encodeIndex, type Entry, type GuardStamp } from './guard-index.ts'

/** What guards remember at one moment. */
export interface GuardsSeen {
  readonly images: readonly Image[]
  readonly stamp: GuardStamp
}

/** A large piece as it was at one moment, and where its copy is to go. */
interface Copied {
  readonly name: string
  readonly version: number
  readonly place: number
  readonly bytes: Uint8Array
}

/** Pieces that are copied in one turn of the event loop, 50 to 80 µs each; their memory is kept: new one takes far longer. */
const AT_ONCE = 4
/** Ends a round after round in which everything changes again. */
const MOST_ROUNDS = 100

/**
 * Puts guards into a file while they go on. What did not change since the last time stays where it is; what did goes to a
 * place that the index on the disk does not name, and the index is replaced at last. So a kill at any moment leaves the
 * guards of before. It is not synced, because the ledger knows the same: after a loss of power the sums tell what is missing.
 */
export class GuardWriter {
  readonly #path: string
  /** What the index on the disk names. */
  #kept: KeptPieces = new Map()
  readonly #spare: Uint8Array[] = []

  constructor(path: string) {
    this.#path = path
  }

  /** Goes on with a file that guards were made of. */
  goOn(kept: KeptPieces): void {
    this.#kept = kept
  }

  /**
   * One write at a time.
   * @param look sees the guards as they are, which is written then, or what was written before is still there
   * @throws the error of the system when they cannot be written
   */
  async write(look: () => GuardsSeen): Promise<void> {
    await using file = await open(piecesPathOf(this.#path), constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      this.#kept = await this.#writeInto(file, look)
    } finally {
      // Also where the disk is full: others need the room.
      await file.truncate(endOf(this.#kept)).catch(() => undefined)
    }
  }

  /** @returns what the index names now */
  async #writeInto(file: FileHandle, look: () => GuardsSeen): Promise<KeptPieces> {
    const { size } = await file.stat()
    // Somebody may have removed or cut it.
    if (endOf(this.#kept) > size) this.#kept = new Map()
    const there = new Map(this.#kept)
    // When much has changed, most of it goes ahead, so that the moment that counts is a short one.
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const changed = changedOf(look().images, there)
      if (changed.length <= AT_ONCE) break
      // From the oldest on: the newest change again at once.
      await this.#put(file, this.#copy(changed.slice(0, AT_ONCE), there), there)
    }
    const { images, stamp } = look()
    const copies = this.#copy(changedOf(images, there), there)
    const pieces = named(images)
    const small = Buffer.concat(pieces.filter(({ name }) => name === '').map(({ piece }) => bytesOf(piece)))
    await this.#put(file, copies, there)

    const kept = new Map<string, KeptPiece>()
    const entries = pieces.map(({ name, piece }): Entry => {
      const one = there.get(name)
      if (one === undefined) return { place: -1, byteLength: piece.bytes.byteLength, crc: 0 }
      kept.set(name, one)
      return one.entry
    })
    await replace(this.#path, encodeIndex({ stamp, entries, small }))
    return kept
  }

  #copy(pieces: readonly Named[], there: KeptPieces): readonly Copied[] {
    const taken = new Set([...this.#kept.values(), ...there.values()].map(({ entry }) => entry.place))
    let place = -1
    return pieces.map(({ name, version, piece }) => {
      do place++
      while (taken.has(place))
      const memory = this.#spare.pop() ?? new Uint8Array(PLACE_BYTES)
      const bytes = memory.subarray(0, piece.bytes.byteLength)
      bytes.set(bytesOf(piece))
      return { name, version, place, bytes }
    })
  }

  async #put(file: FileHandle, copies: readonly Copied[], there: Map<string, KeptPiece>): Promise<void> {
    for (const { name, version, place, bytes } of copies) {
      const entry = { place, byteLength: bytes.byteLength, crc: crc32(bytes) }
      for (let done = 0; done < bytes.byteLength;) {
        const at = place * PLACE_BYTES + done
        done += (await file.write(bytes, done, bytes.byteLength - done, at)).bytesWritten
      }
      there.set(name, { version, entry })
      if (this.#spare.length < AT_ONCE) this.#spare.push(new Uint8Array(bytes.buffer))
    }
  }
}

interface Named {
  readonly piece: Piece
  /** Among those of all guards; empty for one that goes into the index. */
  readonly name: string
  readonly version: number
}

function named(images: readonly Image[]): readonly Named[] {
  return images.flatMap((image, guard) =>
    image.map((piece) => {
      const { kept } = piece
      return kept === undefined
        ? { piece, name: '', version: 0 }
        : { piece, name: nameOf(guard, kept.name), version: kept.version }
    }),
  )
}

function changedOf(images: readonly Image[], there: KeptPieces): readonly Named[] {
  return named(images).filter(({ name, version }) => name !== '' && there.get(name)?.version !== version)
}

function bytesOf({ bytes }: Piece): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

async function replace(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.new`
  try {
    await rm(unfinished, { force: true })
    await writeFile(unfinished, bytes, { mode: 0o600, flag: 'wx' })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Where the last place ends. */
function endOf(kept: KeptPieces): number {
  return Math.max(0, ...[...kept.values()].map(({ entry }) => entry.place * PLACE_BYTES + entry.byteLength))
}
