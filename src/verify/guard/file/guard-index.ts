import { crc32 } from 'node:zlib'

import { must } from '../memory/image.ts'

/** What a file of guards says of itself. */
export interface GuardStamp {
  /** Unix milliseconds. */
  readonly writtenAt: number
  /** Id up to which the guards know all that the ledger knows or will know. */
  readonly position: string
  /** Id of a callback of the ledger that they belong to. */
  readonly witness: string
}

/** Where a piece of an image is: in a place of the file of pieces, or in the index itself. */
export interface Entry {
  /** -1 for the index. */
  readonly place: number
  readonly byteLength: number
  /** CRC-32 of what is in the place; 0 for the index, which has one of its own. */
  readonly crc: number
}

export interface GuardIndex {
  readonly stamp: GuardStamp
  readonly entries: readonly Entry[]
  /** What is in the index itself, one behind the other. */
  readonly small: Buffer
}

/*
 * Little endian:
 *   u32 "RBG3", u32 CRC-32 of all that follows
 *   f64 written at, 32 bytes position, 32 bytes witness (Latin-1, zeros behind), f64 of the machine, u32 count of entries
 *   entries: i32 place, u32 bytes, u32 CRC-32
 *   the pieces that have no place
 */
const MAGIC = 0x33_47_42_52
const CRC_FROM = 8
const POSITION_AT = 16
const WITNESS_AT = 48
const MACHINE_AT = 80
const COUNT_AT = 88
const HEAD_BYTES = 92
const ENTRY_BYTES = 12
const ID_BYTES = 32
/** Pieces are memory as it lies there: another order of bytes makes another number of this. */
const MACHINE = new Uint8Array(Float64Array.of(Math.PI).buffer)

export function encodeIndex({ stamp, entries, small }: GuardIndex): Buffer {
  const head = Buffer.alloc(HEAD_BYTES + entries.length * ENTRY_BYTES)
  head.writeDoubleLE(stamp.writtenAt, CRC_FROM)
  head.write(stamp.position, POSITION_AT, ID_BYTES, 'latin1')
  head.write(stamp.witness, WITNESS_AT, ID_BYTES, 'latin1')
  head.set(MACHINE, MACHINE_AT)
  head.writeUInt32LE(entries.length, COUNT_AT)
  for (const [i, { place, byteLength, crc }] of entries.entries()) {
    const at = HEAD_BYTES + i * ENTRY_BYTES
    head.writeInt32LE(place, at)
    head.writeUInt32LE(byteLength, at + 4)
    head.writeUInt32LE(crc, at + 8)
  }
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(crc32(small, crc32(head.subarray(CRC_FROM))), 4)
  return Buffer.concat([head, small])
}

/** @throws RangeError when the bytes are not as they were written */
export function decodeIndex(bytes: Buffer): GuardIndex {
  must(bytes.length >= HEAD_BYTES, 'a length that cannot be')
  must(bytes.readUInt32LE(0) === MAGIC, 'another form')
  must(bytes.readUInt32LE(4) === crc32(bytes.subarray(CRC_FROM)), 'bytes that were changed')
  must(bytes.subarray(MACHINE_AT, COUNT_AT).equals(MACHINE), 'the bytes of another machine')
  const count = bytes.readUInt32LE(COUNT_AT)
  const end = HEAD_BYTES + count * ENTRY_BYTES
  must(end <= bytes.length, 'less in it than it says')
  return {
    stamp: {
      writtenAt: bytes.readDoubleLE(CRC_FROM),
      position: textAt(bytes, POSITION_AT),
      witness: textAt(bytes, WITNESS_AT),
    },
    entries: Array.from({ length: count }, (_, i) => {
      const at = HEAD_BYTES + i * ENTRY_BYTES
      return {
        place: bytes.readInt32LE(at),
        byteLength: bytes.readUInt32LE(at + 4),
        crc: bytes.readUInt32LE(at + 8),
      }
    }),
    small: bytes.subarray(end),
  }
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + ID_BYTES).replace(/\0+$/, '')
}
