import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createIdMaker } from '../../../../src/callback/id.ts'
import { RequestTable } from '../../../../src/verify/guard/memory/request-table.ts'
import { NOW_MS } from '../signed-request.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const MOST = 20_000
const NAMES = 30_000
const CONTENT = 'c0ffee'.padEnd(64, '0')

/** Every 40th identity falls into the same bucket, however many buckets there are. */
function identity(name: number): string {
  const bucket = name % 40 === 0 ? 0 : name
  return `1${name.toString(16).padStart(23, '0')}${bucket.toString(16).padStart(8, '0')}`
}

const identities = Array.from({ length: NAMES }, (_, name) => identity(name))
const pieceNumbers = [0, 1, 2, 3]

/** What the table remembers, in the plainest form: a list, oldest first. */
interface Known {
  readonly name: number
  readonly id: string
  readonly expiresAt: number
  /** The first of those that were added together. */
  readonly leader: Known | undefined
}

function dropExpired(known: Known[], nowMs: number): void {
  while ((known[0]?.expiresAt ?? Infinity) <= nowMs) known.shift()
}

function piecesOf(names: readonly number[], id: string, expiresAt: number): Known[] {
  const pieces: Known[] = []
  for (const name of names) pieces.push({ name, id, expiresAt, leader: pieces[0] })
  return pieces
}

const count = fc.integer({ min: 1, max: 4000 })
const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    name: fc.nat(NAMES),
    count,
    pieces: fc.integer({ min: 1, max: 4 }),
    // Clocks step: an id may be of another time than the one at which it came.
    askewMs: fc.constantFrom(0, 0, 4095, 4096, 8000, -5000, 2 ** 32, -(2 ** 32)),
  }),
  fc.record({ do: fc.constant('drop' as const), count }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: -3000, max: 20_000 }) }),
)

test.each([1, 2 ** 32 - 7000, 2 ** 33 - 1])(
  `numbers from %i on: what was neither dropped nor expired is found, and nothing else (seed ${seed})`,
  (first) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const table = new RequestTable(MOST, first)
        const newId = createIdMaker(Math.random)
        const known: Known[] = []
        let now = NOW_MS
        for (const one of steps) {
          if (one.do === 'wait') {
            now += one.ms
            table.dropExpired(now)
            dropExpired(known, now)
            continue
          }
          for (let i = 0; i < one.count; i++) {
            const isDropped = one.do === 'drop' && known.shift() !== undefined
            if (isDropped) table.drop()
            if (one.do === 'add' && table.hasRoomFor(one.pieces)) {
              const names = pieceNumbers.slice(0, one.pieces).map((piece) => (one.name + i + piece) % NAMES)
              const id = i % 2 === 0 ? newId(now) : createIdMaker(Math.random)(now + one.askewMs)
              const expiresAt = (Math.floor(now / 1000) + 10) * 1000
              table.add(names.map((name) => identities[name] ?? '').join(''), CONTENT, id, expiresAt)
              known.push(...piecesOf(names, id, expiresAt))
            }
          }
        }
        const live = new Set(known)
        const newest = new Map(known.map((piece) => [piece.name, piece]))
        const expected = new Map(
          [...newest.values()]
            .filter(({ leader }) => leader === undefined || live.has(leader))
            .map(({ name, id, expiresAt }) => [name, `${id} until ${expiresAt}`]),
        )
        const found = new Map<number, string>()
        for (let name = 0; name < NAMES; name++) {
          const record = table.find(identities[name] ?? '', 0)
          if (record >= 0) found.set(name, `${table.callbackId(record)} until ${table.expiresAt(record)}`)
        }
        expect(table.size).toBe(known.length)
        expect(found).toEqual(expected)
      }),
      { seed, numRuns: 12 },
    )
  },
)
