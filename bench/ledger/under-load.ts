// node bench/ledger/under-load.ts FILE: what a ledger takes, and how long a callback waits for its row while old rows
// are deleted and while people ask. It writes to FILE. See bench/README.md.
import { existsSync } from 'node:fs'
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { openSqliteLedger, type SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { seededRandom } from '../../test/support/random.ts'
import { cpuSeconds } from '../measure/proc.ts'
import { tableOf } from '../report/table.ts'
import { handOver, History } from './history.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    prune: { type: 'string', default: '1000000' },
  },
})
const [path] = positionals
if (path === undefined || !existsSync(path)) {
  console.error('node bench/ledger/under-load.ts [--rate 2000] [--seconds 10] [--prune 1000000] FILE')
  process.exit(2)
}
const RATE = Number(values.rate)
const SECONDS = Number(values.seconds)
const TICK_MS = 1
/** Callbacks that may wait for their commit at once while the ceiling is measured. */
const AT_ONCE = 4_000
/** Callbacks that are handed over before the event loop goes on. */
const IN_A_TURN = 16

const history = new History(seededRandom(Date.now() % 1000), 20)
const ledger = await openSqliteLedger({
  path,
  bodies: 'redacted',
  bodyLimit: 16_384,
  replayWindowMs: 600_000,
  events: {
    committed: () => undefined,
    failed: (rows, problem) => {
      throw new Error(`${rows} rows were not written: ${problem}`)
    },
  },
})
await ceiling(ledger)
const rows: string[][] = []
await paced('warm-up', nothing, 2)
rows.push(await paced('nothing else', nothing))
rows.push(await paced('lists of 100 without a pause', (isOver) => ask(ledger, isOver)))
rows.push(await paced(`deletion of ${values.prune} callbacks`, () => prune(ledger), 0))
rows.push(await paced('nothing else, again', nothing))
console.log(tableOf(['beside it', 'seconds', 'callbacks', 'p50 ms', 'p99 ms', 'longest ms'], rows))
await ledger.close()

async function nothing(): Promise<void> {
  await Promise.resolve()
}

/**
 * As many rows as are durable in a while: each callback is one row, its attempt one, its end a change of the first. They
 * are made beforehand, which costs more than to hand them over, and come a few at a time, as from sockets.
 */
async function ceiling({ writer }: SqliteLedger): Promise<void> {
  const made = Array.from({ length: AT_ONCE }, () => history.next(Date.now()))
  const startedAt = performance.now()
  const usedBefore = cpuSeconds(process.pid)
  let callbacks = 0
  while (performance.now() - startedAt < SECONDS * 1000) {
    for (let i = 0; i < IN_A_TURN; i++) {
      const happening = made[callbacks++ % AT_ONCE]
      if (happening !== undefined) handOver(writer, history.again(happening, Date.now()))
    }
    await nextTurn()
    while (writer.health().queued > AT_ONCE * 3) await setTimeout(TICK_MS)
  }
  await writer.flush()
  const seconds = (performance.now() - startedAt) / 1000
  const [each, rows] = [callbacks / seconds, (callbacks / seconds) * 3].map((value) => Math.round(value))
  const used = cpuSeconds(process.pid)
  const us = ((used.ledger - usedBefore.ledger) / callbacks) * 1e6
  const mainUs = ((used.main - usedBefore.main) / callbacks) * 1e6
  console.log(
    `the ledger's threads take ${us.toFixed(0)} µs of CPU a callback: ${Math.round(3e6 / us)} rows a second on a core; handing over ${mainUs.toFixed(0)} µs`,
  )
  console.log(
    `ceiling: ${each} callbacks a second with their attempt, end and bodies: ${rows} rows handed over`,
  )
}

/** Callbacks at an even pace, each timed from when it was due until its row is durable. */
async function paced(
  name: string,
  beside: (isOver: () => boolean) => Promise<void>,
  seconds = SECONDS,
): Promise<string[]> {
  const waits: number[] = []
  const startedAt = performance.now()
  let sent = 0
  const state = { isDone: false }
  const isOver = (): boolean => performance.now() - startedAt > seconds * 1000
  const pacing = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * RATE
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent / RATE) * 1000
      history.write(ledger.writer, Date.now())
      void ledger.writer.flush().then(() => waits.push(performance.now() - dueAt))
    }
  }, TICK_MS)
  const work = beside(isOver).then(() => {
    state.isDone = true
  })
  while (!isOver() || !state.isDone) await setTimeout(50)
  await work
  clearInterval(pacing)
  await ledger.writer.flush()
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
  const took = ((performance.now() - startedAt) / 1000).toFixed(1)
  return [name, took, String(sorted.length), at(0.5), at(0.99), (sorted.at(-1) ?? Number.NaN).toFixed(1)]
}

async function ask({ reader }: SqliteLedger, isOver: () => boolean): Promise<void> {
  for (let after: string | undefined; !isOver();) {
    const page = await reader.callbacks({ limit: 100, after })
    await reader.callbacks({ limit: 100, failed: true, after })
    after = page.next ?? undefined
  }
}

async function prune({ reader, retention }: SqliteLedger): Promise<void> {
  const { callbacks } = await reader.counts()
  const oldest = await oldestAt(reader, callbacks)
  const deleted = await retention.prune({
    nowMs: Date.now(),
    beforeMs: oldest,
    maxBytes: Number.MAX_SAFE_INTEGER,
  })
  console.log(`deleted ${deleted} callbacks`)
}

/** A moment before which about as many callbacks came as are to be deleted: sums by the hour tell it. */
async function oldestAt(reader: SqliteLedger['reader'], all: number): Promise<number> {
  const hours = await reader.history(0, 3_600_000)
  const byHour = new Map<number, number>()
  for (const { at, callbacks } of hours) byHour.set(at, (byHour.get(at) ?? 0) + callbacks)
  let left = Math.min(Number(values.prune), all)
  for (const [at, callbacks] of [...byHour].toSorted(([a], [b]) => a - b)) {
    left -= callbacks
    if (left <= 0) return at + 3_600_000
  }
  return Date.now()
}
