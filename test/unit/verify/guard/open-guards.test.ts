import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'

import { openGuards, type OpenGuards } from '../../../../src/assembly/open-guards.ts'
import type { Exchange } from '../../../../src/callback/callback.ts'
import type { LedgerReader } from '../../../../src/ledger/ledger.ts'
import type { SqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import { identityOfContent } from '../../../../src/verify/content-hash.ts'
import { identityOfSignature } from '../../../../src/verify/guard/guard-key.ts'
import { sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { sqliteHarness } from '../../../contract/sqlite-harness.ts'
import { waitFor } from '../../../support/wait-for.ts'

const WINDOW_MS = 600_000
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A ledger and the file beside it; every start of guards says what it asked of the ledger. */
class Stage {
  readonly ledger: SqliteLedger
  readonly path: string
  readonly file: string
  /** What the pages that were read began after. */
  readonly asked: string[] = []
  said = ''
  aheadMs = 0
  #count = 0

  constructor(ledger: SqliteLedger, path: string) {
    this.ledger = ledger
    this.path = path
    this.file = `${path}.guards`
  }

  async start(windowMs = WINDOW_MS): Promise<OpenGuards> {
    this.asked.length = 0
    this.said = ''
    const { reader } = this.ledger
    const heard: Pick<LedgerReader, 'callback' | 'callbacks' | 'events' | 'guards'> = {
      callback: (id) => reader.callback(id),
      callbacks: (filter) => reader.callbacks(filter),
      events: (since, most, after) => reader.events(since, most, after),
      guards: (since, most, after) => {
        this.asked.push(after)
        return reader.guards(since, most, after)
      },
    }
    const log = pino({}, { write: (line: string) => (this.said += line) })
    const clock = { wall: () => Date.now() + this.aheadMs }
    return openGuards(
      { replay_window: windowMs, store: `sqlite:${this.path}` },
      { ledger: { reader: heard }, clock, log },
    )
  }

  /** Callbacks that were taken and told, as guards see them and the ledger keeps them. */
  async take(count: number, ...all: OpenGuards[]): Promise<Exchange[]> {
    const exchanges = Array.from({ length: count }, () => {
      const number = this.#count++
      const guardKey = identityOfSignature(hashOf(`signature ${number}`))
      return sampleExchange({ exchange: { guardKey, bodyHash: hashOf(`body ${number}`) } })
    })
    for (const exchange of exchanges) {
      const { guardKey, bodyHash, callback } = exchange
      for (const { guard, repeats } of all) {
        guard.admit(guardKey, bodyHash, callback.id, Date.now())
        guard.settle(guard.admitted, told)
        repeats.admit(contentOf(exchange), bodyHash, callback.id, Date.now())
        repeats.settle(repeats.admitted, told)
      }
      this.ledger.writer.keep(exchange)
      this.ledger.writer.settle(exchange, sampleDelivery())
    }
    await this.ledger.writer.flush()
    return exchanges
  }
}

const told = { status: 200, contentType: '', body: undefined, delivered: true }

async function stage(): Promise<Stage> {
  const harness = await sqliteHarness(() => ({}))
  const ledger = await harness.open()
  onTestFinished(async () => {
    await ledger.close()
    await harness.end()
  })
  return new Stage(ledger, harness.path)
}

function contentOf({ route, facts, bodyHash }: Exchange): string {
  return identityOfContent({
    route: route.id,
    call_id: facts.callId,
    event: facts.event,
    body_hash: bodyHash,
  })
}

function expectKnown({ guard, repeats }: OpenGuards, exchanges: readonly Exchange[]): void {
  for (const exchange of exchanges) {
    const { callback, guardKey, bodyHash } = exchange
    const known = { kind: 'answered', duplicateOf: callback.id }
    expect(guard.admit(guardKey, bodyHash, 'another', Date.now())).toMatchObject(known)
    expect(repeats.admit(contentOf(exchange), bodyHash, 'another', Date.now())).toMatchObject(known)
  }
}

test('what came in the last minutes is known at the start, however many pages it takes', async () => {
  const here = await stage()
  const exchanges = await here.take(2_050)
  const guards = await here.start()
  expect([guards.guard.size, guards.repeats.size]).toEqual([exchanges.length, exchanges.length])
  expectKnown(
    guards,
    exchanges.filter((_, index) => index % 97 === 0),
  )
  expect(here.asked).toHaveLength(4)
})

test('after a stop the ledger is asked for what came later alone, also when a kill followed', async () => {
  const here = await stage()
  const first = await here.start()
  const before = await here.take(500, first)
  await first.keep()
  const position = before.at(-1)?.callback.id
  // They are known although the ledger is not asked for them.
  const second = await here.start()
  expect(here.asked).toEqual([position])
  expectKnown(second, before)
  // Killed: it kept nothing.
  const after = await here.take(30, second)
  const third = await here.start()
  expect(here.asked).toEqual([position, after.at(-1)?.callback.id])
  expect([third.guard.size, third.repeats.size]).toEqual([530, 530])
  expectKnown(third, [...before, ...after])
  expect(here.said).toBe('')
})

test('a request that failed before the stop and was delivered before a kill is answered as before', async () => {
  const here = await stage()
  const first = await here.start()
  const [exchange] = await here.take(1)
  if (exchange === undefined) throw new Error('nothing came')
  const { guardKey, bodyHash, callback } = exchange
  first.guard.admit(guardKey, bodyHash, callback.id, Date.now())
  first.guard.settle(first.guard.admitted, { ...told, delivered: false })
  await first.keep()
  const again = sampleExchange({ exchange: { guardKey, bodyHash, duplicateOf: callback.id } })
  here.ledger.writer.keep(again)
  here.ledger.writer.settle(again, sampleDelivery())
  await here.ledger.writer.flush()
  const { guard } = await here.start()
  const known = { kind: 'answered', duplicateOf: callback.id }
  expect(guard.admit(guardKey, bodyHash, 'another', Date.now())).toMatchObject(known)
})

/** Ways in which a file comes not to be believed, and what is said then. */
const oddities: Readonly<Record<string, (here: Stage) => Promise<unknown> | void>> = {
  'bytes that were changed': (here) => {
    const bytes = readFileSync(here.file)
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    writeFileSync(here.file, bytes)
  },
  'a length that cannot be': (here) => writeFileSync(here.file, ''),
  'another form': (here) => writeFileSync(here.file, Buffer.alloc(10_000)),
  'too long ago': (here) => {
    here.aheadMs = WINDOW_MS
  },
  'still to come': (here) => {
    here.aheadMs = -5000
  },
  'another ledger': async (here) => {
    const other = await stage()
    const guards = await other.start()
    await other.take(10, guards)
    await guards.keep()
    writeFileSync(here.file, readFileSync(other.file))
  },
  EISDIR: (here) => {
    rmSync(here.file)
    mkdirSync(here.file)
  },
}

test.each(Object.entries(oddities))(
  'a file with %s is left aside, and the ledger asked',
  async (what, make) => {
    const here = await stage()
    const guards = await here.start()
    const exchanges = await here.take(20, guards)
    await guards.keep()
    await make(here)
    const again = await here.start()
    expect(here.asked[0]).toBe('')
    expect(here.said).toContain(what)
    if (here.aheadMs < WINDOW_MS) expectKnown(again, exchanges)
  },
)

test('a file for another window is removed, and the ledger asked', async () => {
  const here = await stage()
  const guards = await here.start()
  await here.take(20, guards)
  await guards.keep()
  expect((await here.start(WINDOW_MS / 2)).guard.size).toBe(20)
  expect(here.said).toContain('other limits')
  expect(existsSync(here.file)).toBe(false)
})

test('a stop with a request under way leaves no file, not even an older one', async () => {
  const here = await stage()
  const guards = await here.start()
  await here.take(1, guards)
  await guards.keep()
  expect(existsSync(here.file)).toBe(true)
  guards.guard.admit(identityOfSignature(hashOf('under way')), hashOf('body'), 'another', Date.now())
  await guards.keep()
  expect(existsSync(here.file)).toBe(false)
})

test('a stop that cannot write the file ends all the same', async () => {
  const here = await stage()
  const guards = await here.start()
  const exchanges = await here.take(5, guards)
  mkdirSync(`${here.file}.new`)
  await guards.keep()
  expect(here.said).toContain('the next start reads from the ledger')
  expectKnown(await here.start(), exchanges)
})

test('a file goes when it is older than the window: answers are kept no longer than that', async () => {
  const here = await stage()
  const guards = await here.start()
  await here.take(5, guards)
  await guards.keep()
  here.aheadMs = WINDOW_MS - 60_000
  await here.start(WINDOW_MS)
  expect(existsSync(here.file)).toBe(true)
  here.aheadMs = WINDOW_MS - 300
  await here.start(WINDOW_MS)
  await waitFor('the file to go', () => (existsSync(here.file) ? undefined : true))
})
