import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { createIdMaker } from '../../../../src/callback/id.ts'
import { GuardFile, writeGuardFile } from '../../../../src/verify/guard/guard-file.ts'
import { createReplayGuard, replayGuardFrom } from '../../../../src/verify/guard/create-replay-guard.ts'
import type { Admission, ReplayGuard, Settlement } from '../../../../src/verify/guard/replay-guard.ts'
import { intBelow, seededRandom } from '../../../support/random.ts'
import { NOW_MS } from '../signed-request.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const folder = mkdtempSync(join(tmpdir(), 'ringback-guards-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'ringback.db.guards')
const stamp = { writtenAt: NOW_MS, position: '01J00000000000000000000000' }
// Room for more than one piece of memory, and less than what comes in.
const options = { windowMs: 10_000, maxEntries: 12_000, maxAnswerBytes: 300_000 }
const NAMES = 16_000
const HEAD_BYTES = 48

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const hashes = Array.from({ length: NAMES }, (_, name) => hex(String(name)).slice(1, 32))
const contents = [hex('x'), hex('y')]

function through(guard: ReplayGuard): ReplayGuard {
  writeGuardFile(path, stamp, guard.image() ?? [])
  using file = new GuardFile(path)
  const again = replayGuardFrom(options, file)
  expect(file.isAtEnd).toBe(true)
  expect(file.stamp).toEqual(stamp)
  return again
}

function inWords(admission: Admission): string {
  if (admission.kind === 'new' || admission.kind === 'joined') return admission.kind
  if (admission.kind === 'refused') return admission.reason
  if (admission.kind === 'again') return `again ${admission.duplicateOf}`
  const { status, contentType, body } = admission.answer
  return `${admission.duplicateOf} ${status} ${contentType} ${Buffer.from(body ?? '').toString('hex')}`
}

interface Request {
  readonly key: string
  readonly content: string
  readonly id: string
  readonly now: number
}

function pass(guard: ReplayGuard, { key, content, id, now }: Request, settlement: Settlement): string {
  const admission = guard.admit(key, content, id, now)
  if (admission.kind === 'new' || admission.kind === 'again') guard.settle(guard.admitted, settlement)
  return inWords(admission)
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('admit' as const),
    from: fc.nat(NAMES),
    count: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9_000 })),
    sorts: fc.constantFrom(['1'], ['1'], ['1'], ['0'], ['2'], ['0', '0'], ['1', '2'], ['1', '2', '0', '0']),
    content: fc.nat(1),
    delivered: fc.constantFrom(true, true, false),
    bodyBytes: fc.constantFrom(0, 0, 1, 700, 40_000),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 5000, 20_000) }),
  fc.record({ do: fc.constant('write' as const) }),
)

test(`a guard that went through files does what one does that did not (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), (steps) => {
      const newId = createIdMaker(Math.random)
      const stayed = createReplayGuard(options)
      let moved = through(createReplayGuard(options))
      let now = NOW_MS
      for (const one of steps) {
        if (one.do === 'wait') now += one.ms
        if (one.do === 'write') moved = through(moved)
        if (one.do !== 'admit') continue
        const { delivered, bodyBytes } = one
        const body = bodyBytes === 0 ? undefined : Buffer.alloc(bodyBytes, one.from)
        const settlement = { status: 200 + bodyBytes, contentType: 'text/xml', body, delivered }
        const [told, expected]: [string[], string[]] = [[], []]
        for (let i = 0; i < (bodyBytes > 0 ? Math.min(one.count, 50) : one.count); i++) {
          const hashOf = (at: number): string => hashes[(one.from + i + at) % NAMES] ?? ''
          const key = one.sorts.map((sort, at) => sort + hashOf(at)).join('')
          const request = { key, content: contents[one.content] ?? '', id: newId(now), now }
          expected.push(pass(stayed, request, settlement))
          told.push(pass(moved, request, settlement))
        }
        expect(told).toEqual(expected)
        expect(moved.size).toBe(stayed.size)
      }
    }),
    { seed, numRuns: 40 },
  )
})

/** A guard that knows a bit of everything. */
function filled(): ReplayGuard {
  const guard = createReplayGuard(options)
  const newId = createIdMaker(Math.random)
  for (let i = 0; i < 9_000; i++) {
    const now = NOW_MS + i
    guard.admit(`1${hashes[i] ?? ''}`, contents[0] ?? '', newId(now), now)
    const body = i % 100 === 0 ? Buffer.alloc(i % 1000, i) : undefined
    guard.settle(guard.admitted, { status: 200, contentType: 'text/xml', body, delivered: i % 7 > 0 })
  }
  return guard
}

test('a guard with a request under way leaves nothing: nobody could tell its end', () => {
  const guard = filled()
  guard.admit(
    `0${hashes[0] ?? ''}0${hashes[1] ?? ''}`,
    contents[0] ?? '',
    createIdMaker(Math.random)(NOW_MS),
    NOW_MS,
  )
  expect(guard.image()).toBeUndefined()
  guard.settle(guard.admitted, { status: 200, contentType: '', body: undefined, delivered: true })
  expect(through(guard).size).toBe(9_002)
})

test('a guard with other limits is not taken up', () => {
  writeGuardFile(path, stamp, filled().image() ?? [])
  for (const other of [{ windowMs: 9_000 }, { maxEntries: 13_000 }, { maxAnswerBytes: 1 }]) {
    using file = new GuardFile(path)
    expect(() => replayGuardFrom({ ...options, ...other }, file)).toThrow('other limits')
  }
})

test('nobody else may read the file', () => {
  writeGuardFile(path, stamp, filled().image() ?? [])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test(`a file of which a byte was changed, cut off or put behind is refused (seed ${seed})`, () => {
  const random = seededRandom(seed)
  writeGuardFile(path, stamp, filled().image() ?? [])
  const whole = readFileSync(path)
  for (let i = 0; i < 90; i++) {
    const at = i % 3 === 0 ? intBelow(random, HEAD_BYTES) : intBelow(random, whole.length)
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ (1 + intBelow(random, 255))
    // Behind the position stand zeros, which are part of what was summed.
    writeFileSync(path, changed)
    expect(() => new GuardFile(path)).toThrow(RangeError)
    writeFileSync(path, whole)
    truncateSync(path, at)
    expect(() => new GuardFile(path)).toThrow(RangeError)
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]))
  expect(() => new GuardFile(path)).toThrow(RangeError)
  writeFileSync(path, whole)
  expect(new GuardFile(path).stamp).toEqual(stamp)
})

/** Undefined when the image was seen not to be one; any other error is one of the reader's. */
function unlessRefused(): ReplayGuard | undefined {
  using file = new GuardFile(path)
  try {
    return replayGuardFrom(options, file)
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('an image of a guard with')) return undefined
    throw error
  }
}

test(`whatever stands in a file with the right sum, it is refused or does no harm (seed ${seed})`, () => {
  const random = seededRandom(seed)
  writeGuardFile(path, stamp, filled().image() ?? [])
  const image = readFileSync(path).subarray(HEAD_BYTES)
  const numbers = [-1, 0, 1, 2, 8192, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, Number.NaN, Infinity]
  let refused = 0
  for (let i = 0; i < 150; i++) {
    const changed = Buffer.from(image)
    if (i % 3 === 0)
      changed.writeDoubleLE(numbers[intBelow(random, numbers.length)] ?? 0, 8 * intBelow(random, 7))
    else if (i % 3 === 1)
      changed.writeDoubleLE(
        numbers[intBelow(random, numbers.length)] ?? 0,
        intBelow(random, image.length - 8),
      )
    else changed.fill(intBelow(random, 256), intBelow(random, image.length))
    writeGuardFile(path, stamp, [changed])
    const guard = unlessRefused()
    if (guard === undefined) {
      refused++
      continue
    }
    for (let name = 0; name < 9_000; name += 13) {
      guard.admit(`1${hashes[name] ?? ''}`, contents[0] ?? '', stamp.position, NOW_MS + 10_000)
    }
    for (let name = 0; name < 4_000; name++) {
      guard.admit(`1${hashes[name + 9_000] ?? ''}`, contents[0] ?? '', stamp.position, NOW_MS + 10_000)
    }
    expect(guard.size).toBeLessThanOrEqual(options.maxEntries)
  }
  expect(refused).toBeGreaterThan(10)
})
