import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { createIdMaker, timeOfId } from '../../../../src/callback/id.ts'
import { GuardFile, piecesPathOf, PLACE_BYTES } from '../../../../src/verify/guard/file/guard-file.ts'
import { decodeIndex, encodeIndex, type Entry } from '../../../../src/verify/guard/file/guard-index.ts'
import { GuardWriter } from '../../../../src/verify/guard/file/guard-writer.ts'
import type { Image } from '../../../../src/verify/guard/memory/image.ts'
import { createReplayGuard, replayGuardFrom } from '../../../../src/verify/guard/create-replay-guard.ts'
import type { Admission, ReplayGuard, Settlement } from '../../../../src/verify/guard/replay-guard.ts'
import { intBelow, seededRandom } from '../../../support/random.ts'
import { NOW_MS } from '../signed-request.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const folder = mkdtempSync(join(tmpdir(), 'ringback-guards-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'ringback.db.guards')
const id = '01J00000000000000000000000'
const stamp = { writtenAt: NOW_MS, position: id, witness: id }
// Room for more than one piece of memory, and less than what comes in.
const options = { windowMs: 10_000, maxEntries: 20_000, maxAnswerBytes: 300_000 }
const NAMES = 26_000

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const hashes = Array.from({ length: NAMES }, (_, name) => hex(String(name)).slice(1, 32))
const contents = [hex('x'), hex('y')]

let writer = new GuardWriter(path)

/** Writes guards where nothing was written before. */
async function write(...images: readonly Image[]): Promise<void> {
  writer = new GuardWriter(path)
  await writer.write(() => ({ images, stamp }))
}

/** What a start makes of the file, which then goes on with it. */
function read(): ReplayGuard {
  using file = new GuardFile(path)
  const again = replayGuardFrom(options, file)
  expect(file.isAtEnd).toBe(true)
  expect(file.stamp).toEqual(stamp)
  writer = new GuardWriter(path)
  writer.goOn(file.keptOf([again.image()]))
  return again
}

async function through(guard: ReplayGuard): Promise<ReplayGuard> {
  await writer.write(() => ({ images: [guard.image()], stamp }))
  return read()
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
    count: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 12_000 })),
    sorts: fc.constantFrom(['1'], ['1'], ['1'], ['0'], ['2'], ['0', '0'], ['1', '2'], ['1', '2', '0', '0']),
    content: fc.nat(1),
    delivered: fc.constantFrom(true, true, false),
    bodyBytes: fc.constantFrom(0, 0, 1, 700, 40_000),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 5000, 20_000) }),
  fc.record({ do: fc.constant('write' as const) }),
)

test(`a guard that went through files does what one does that did not (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const newId = createIdMaker(Math.random)
      const stayed = createReplayGuard(options)
      await write(createReplayGuard(options).image())
      let moved = read()
      let now = NOW_MS
      for (const one of steps) {
        if (one.do === 'wait') now += one.ms
        if (one.do === 'write') moved = await through(moved)
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

/** In two pieces of memory. */
const KNOWN = 17_000

/** A guard that knows a bit of everything. */
function filled(): ReplayGuard {
  const guard = createReplayGuard(options)
  const newId = createIdMaker(Math.random)
  for (let i = 0; i < KNOWN; i++) {
    const now = NOW_MS + i / 2
    guard.admit(`1${hashes[i] ?? ''}`, contents[0] ?? '', newId(now), now)
    const body = i % 100 === 0 ? Buffer.alloc(i % 1000, i) : undefined
    guard.settle(guard.admitted, { status: 200, contentType: 'text/xml', body, delivered: i % 7 > 0 })
  }
  return guard
}

test('of a request under way nobody could tell the end: it is tried again', async () => {
  const guard = filled()
  const newId = createIdMaker(Math.random, id)
  const [first, second] = [newId(NOW_MS), newId(NOW_MS + 5)]
  const key = `0${hashes[0] ?? ''}0${hashes[1] ?? ''}`
  expect(guard.underWaySince()).toBe(Infinity)
  guard.admit(key, contents[0] ?? '', first, NOW_MS)
  const admitted = guard.admitted
  expect(guard.underWaySince()).toBe(timeOfId(first))
  await write(guard.image())
  const again = read()
  expect(again.size).toBe(KNOWN + 2)
  expect(again.underWaySince()).toBe(Infinity)
  expect(inWords(again.admit(key, contents[0] ?? '', second, NOW_MS))).toBe(`again ${first}`)
  // Its row is the one of the new try.
  expect(again.underWaySince()).toBe(timeOfId(second))
  guard.settle(admitted, { status: 503, contentType: '', body: undefined, delivered: false })
  expect(guard.underWaySince()).toBe(Infinity)
  guard.admit(key, contents[0] ?? '', second, NOW_MS)
  expect(guard.underWaySince()).toBe(timeOfId(second))
  guard.settle(guard.admitted, { status: 200, contentType: '', body: undefined, delivered: true })
  expect(guard.underWaySince()).toBe(Infinity)
  expect(guard.newest).toBe(first)
})

test('a guard with other limits is not taken up', async () => {
  await write(filled().image())
  for (const other of [{ windowMs: 9_000 }, { maxEntries: 13_000 }, { maxAnswerBytes: 1 }]) {
    using file = new GuardFile(path)
    expect(() => replayGuardFrom({ ...options, ...other }, file)).toThrow('other limits')
  }
})

test('nobody else may read the files', async () => {
  await write(filled().image())
  for (const file of [path, piecesPathOf(path)]) expect(statSync(file).mode & 0o777).toBe(0o600)
})

function entries(): readonly Entry[] {
  return decodeIndex(readFileSync(path)).entries
}

test('what did not change stays where it is, and what did goes where nothing stood that is still named', async () => {
  const guard = filled()
  await write(guard.image())
  const before = entries()
  const places = before.filter(({ place }) => place >= 0).map(({ place }) => place)
  expect(new Set(places).size).toBe(places.length)
  guard.admit(`0${hashes[20_000] ?? ''}`, contents[0] ?? '', createIdMaker(Math.random, id)(NOW_MS), NOW_MS)
  await writer.write(() => ({ images: [guard.image()], stamp }))
  const moved = entries().filter(({ place }, i) => place !== before[i]?.place)
  expect(moved).toHaveLength(1)
  expect(places).not.toContain(moved[0]?.place)
  expect(read().size).toBe(KNOWN + 1)
})

test('a write that was cut off before its end leaves what was there', async () => {
  const guard = filled()
  await write(guard.image())
  guard.admit(`0${hashes[20_000] ?? ''}`, contents[0] ?? '', id, NOW_MS)
  mkdirSync(`${path}.new`)
  const { size } = statSync(piecesPathOf(path))
  await expect(writer.write(() => ({ images: [guard.image()], stamp }))).rejects.toThrow('EISDIR')
  expect(statSync(piecesPathOf(path)).size).toBe(size)
  expect(read().size).toBe(KNOWN)
  rmSync(`${path}.new`, { recursive: true })
  await writer.write(() => ({ images: [guard.image()], stamp }))
  expect(read().size).toBe(KNOWN + 1)
})

test('a larger file of pieces that no index names is written over, and cut', async () => {
  rmSync(path, { force: true })
  writeFileSync(piecesPathOf(path), Buffer.alloc(3_000_000, 0xa5))
  await write(filled().image())
  const ends = entries().map(({ place, byteLength }) => place * PLACE_BYTES + byteLength)
  expect(statSync(piecesPathOf(path)).size).toBe(Math.max(...ends))
  expect(statSync(piecesPathOf(path)).size).toBeLessThan(3_000_000)
  expect(read().size).toBe(KNOWN)
})

test('a guard that is made of a file knows each content, and refuses every other', async () => {
  await write(filled().image())
  const guard = read()
  const admit = (name: number, content: string): Admission =>
    guard.admit(`1${hashes[name] ?? ''}`, content, id, NOW_MS)
  for (let name = 0; name < KNOWN; name += 97) {
    expect(admit(name, hex(`other ${name}`))).toEqual({ kind: 'refused', reason: 'nonce_reused' })
    expect(admit(name, contents[0] ?? '').kind).toBe(name % 7 > 0 ? 'answered' : 'again')
  }
})

test('a file of pieces that somebody removed is written anew', async () => {
  const guard = filled()
  await write(guard.image())
  rmSync(piecesPathOf(path))
  await writer.write(() => ({ images: [guard.image()], stamp }))
  expect(read().size).toBe(KNOWN)
})

test('guards that go on while they are written are written as they were at one moment', async () => {
  const big = createReplayGuard({ windowMs: 600_000, maxEntries: 200_000 })
  const newId = createIdMaker(Math.random)
  const admit = (from: number, before: number): void => {
    for (let i = from; i < before; i++) {
      big.admit(`1${hex(`big ${i}`).slice(1, 32)}`, contents[0] ?? '', newId(NOW_MS), NOW_MS)
      big.settle(big.admitted, { status: 200, contentType: '', body: undefined, delivered: true })
    }
  }
  admit(0, 80_000)
  const seen = { isWritten: false }
  let size = 0
  const writing = new GuardWriter(path).write(() => {
    size = big.size
    return { images: [big.image()], stamp }
  })
  void writing.then(() => (seen.isWritten = true))
  for (let i = 80_000; !seen.isWritten; i += 10) {
    admit(i, i + 10)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await writing
  using file = new GuardFile(path)
  const again = replayGuardFrom({ windowMs: 600_000, maxEntries: 200_000 }, file)
  expect(again.size).toBe(size)
  expect(size).toBeGreaterThan(80_000)
  for (let i = 0; i < size; i += 7) {
    const known = again.admit(`1${hex(`big ${i}`).slice(1, 32)}`, contents[0] ?? '', id, NOW_MS)
    expect(known.kind).toBe('answered')
  }
})

/** Is it refused when it is read whole? Any error but a RangeError is thrown. */
function isRefused(): boolean {
  try {
    using file = new GuardFile(path)
    replayGuardFrom(options, file)
    return !file.isAtEnd
  } catch (error) {
    if (error instanceof RangeError) return true
    throw error
  }
}

test(`a file of which a byte was changed or cut off is refused (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  await write(filled().image())
  const whole = readFileSync(path)
  const pieces = readFileSync(piecesPathOf(path))
  for (let i = 0; i < 60; i++) {
    const [file, bytes] = i % 2 === 0 ? [path, whole] : [piecesPathOf(path), pieces]
    const at = intBelow(random, i % 4 === 0 ? 100 : bytes.length)
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ (1 + intBelow(random, 255))
    writeFileSync(file, changed)
    // Behind answers their piece of memory ends before its place does.
    expect(isRefused()).toBe(file === path || isInPiece(at))
    writeFileSync(file, bytes)
    truncateSync(file, at)
    expect(isRefused()).toBe(true)
    writeFileSync(file, bytes)
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]))
  expect(isRefused()).toBe(true)
  writeFileSync(path, whole)
  expect(isRefused()).toBe(false)
})

function isInPiece(at: number): boolean {
  return entries().some(
    ({ place, byteLength }) => at >= place * PLACE_BYTES && at < place * PLACE_BYTES + byteLength,
  )
}

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

test(`whatever stands in a file with the right sums, it is refused or does no harm (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  await write(filled().image())
  const index = decodeIndex(readFileSync(path))
  const pieces = readFileSync(piecesPathOf(path))
  const numbers = [-1, 0, 1, 2, 16_384, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, Number.NaN, Infinity]
  const anyNumber = (): number => numbers[intBelow(random, numbers.length)] ?? 0
  let refused = 0
  for (let i = 0; i < 150; i++) {
    const [small, large] = [Buffer.from(index.small), Buffer.from(pieces)]
    if (i % 3 === 0) small.writeDoubleLE(anyNumber(), 8 * intBelow(random, 15))
    else if (i % 3 === 1) small.writeDoubleLE(anyNumber(), intBelow(random, small.length - 8))
    else large.fill(intBelow(random, 256), intBelow(random, large.length))
    writeFileSync(piecesPathOf(path), large)
    const summed = index.entries.map(({ place, byteLength }) => {
      const at = place * PLACE_BYTES
      return { place, byteLength, crc: place < 0 ? 0 : crc32(large.subarray(at, at + byteLength)) }
    })
    writeFileSync(path, encodeIndex({ stamp, entries: summed, small }))
    const guard = unlessRefused()
    if (guard === undefined) {
      refused++
      continue
    }
    for (let name = 0; name < KNOWN; name += 13) {
      guard.admit(`1${hashes[name] ?? ''}`, contents[0] ?? '', id, NOW_MS + 10_000)
    }
    for (let name = 0; name < 4_000; name++) {
      guard.admit(`1${hashes[name + KNOWN] ?? ''}`, contents[0] ?? '', id, NOW_MS + 10_000)
    }
    expect(guard.size).toBeLessThanOrEqual(options.maxEntries)
  }
  expect(refused).toBeGreaterThan(10)
})
