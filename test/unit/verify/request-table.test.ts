import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createIdMaker } from '../../../src/callback/id.ts'
import { RequestTable } from '../../../src/verify/request-table.ts'
import { NOW_MS } from './signed-request.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const MOST = 3000
const NAMES = 4000
const CONTENT = 'c0ffee'.padEnd(64, '0')

/** Every 40th identity falls into the same bucket, however many buckets there are. */
function identity(name: number): string {
  const bucket = name % 40 === 0 ? 0 : name
  return `1${name.toString(16).padStart(15, '0')}${bucket.toString(16).padStart(8, '0')}`.padEnd(32, '0')
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    name: fc.nat(NAMES),
    count: fc.integer({ min: 1, max: 900 }),
  }),
  fc.record({
    do: fc.constant('drop' as const),
    name: fc.nat(NAMES),
    count: fc.integer({ min: 1, max: 900 }),
  }),
)

test.each([1, 2 ** 32 - 700, 2 ** 33 - 1])(
  `numbers from %i on: what was not dropped is found, and nothing else (seed ${seed})`,
  (first) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const table = new RequestTable(MOST, first)
        const newId = createIdMaker(() => 0.5)
        const known: { readonly name: number; readonly id: string }[] = []
        for (const { do: what, name, count } of steps) {
          for (let i = 0; i < count; i++) {
            if (what === 'drop' && known.length > 0) {
              table.drop()
              known.shift()
            } else if (what === 'add' && table.hasRoomFor(1)) {
              const id = newId(NOW_MS)
              table.add(identity((name + i) % NAMES), CONTENT, id, 4_000_000_000)
              known.push({ name: (name + i) % NAMES, id })
            }
          }
        }
        const newest = new Map(known.map(({ name, id }) => [name, id]))
        const found = new Map<number, string>()
        for (let name = 0; name < NAMES; name++) {
          const record = table.find(identity(name), 0)
          if (record >= 0) found.set(name, table.callbackId(record))
        }
        expect(table.size).toBe(known.length)
        expect(found).toEqual(newest)
        expect(known.length === 0 || table.expiresAt(table.oldest)).toBe(known.length === 0 || 4_000_000_000)
      }),
      { seed, numRuns: 30 },
    )
  },
)
