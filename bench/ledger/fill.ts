// node bench/ledger/fill.ts FILE: makes a ledger with millions of attempts, with the code that writes one in the
// daemon, but on this thread and with the clock of the past. See bench/README.md.
import { existsSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { GroupWriter } from '../../src/ledger/writing/group-writer.ts'
import { WriterHost } from '../../src/ledger/sqlite/writer-host.ts'
import { seededRandom } from '../../test/support/random.ts'
import { History } from './history.ts'

const BATCH_CALLBACKS = 3_000
const DAY_MS = 86_400_000
const SAY_EVERY = 250_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    attempts: { type: 'string', default: '10000000' },
    days: { type: 'string', default: '29' },
    routes: { type: 'string', default: '20' },
  },
})
const [path] = positionals
const usage = 'node bench/ledger/fill.ts [--attempts 10000000] [--days 29] [--routes 20] NEW_FILE'
if (values.help) {
  console.log(`${usage}\n\nTen million attempts take about 7 GB and a quarter of an hour.`)
  process.exit(0)
}
if (path === undefined || existsSync(path)) {
  console.error(path === undefined ? usage : `${path} is there already; name a file that is not.\n${usage}`)
  process.exit(2)
}
await fill(path, Number(values.attempts), Number(values.days))

async function fill(file: string, wanted: number, days: number): Promise<void> {
  const host = new WriterHost({
    path: file,
    session: 'fill',
    isFirst: true,
    bodies: 'redacted',
    bodyLimit: 16_384,
    refusalLimit: 100_000,
    replayWindowMs: 600_000,
  })
  const history = new History(seededRandom(1), Number(values.routes))
  const endsAt = Date.now() - 1_000
  const startsAt = endsAt - days * DAY_MS
  let now = startsAt
  const writer: GroupWriter = new GroupWriter(
    {
      events: {
        committed: () => undefined,
        failed: (rows, problem) => {
          throw new Error(`${rows} rows were not written: ${problem}`)
        },
      },
      replyLimit: 16_384,
      maxRows: 10_000_000,
      maxBytes: 2 ** 31,
    },
    (turn) => {
      const batch = turn.batch === undefined ? undefined : { ...turn.batch, sentAt: Math.ceil(now) }
      const done = host.run({ ...turn, batch })
      host.afterTurn()
      queueMicrotask(() => writer.done(done))
    },
  )
  const startedAt = performance.now()
  for (let said = 0; history.attempts < wanted;) {
    for (let i = 0; i < BATCH_CALLBACKS && history.attempts < wanted; i++) {
      now = startsAt + ((endsAt - startsAt) * history.attempts) / wanted
      history.write(writer, Math.floor(now))
    }
    await writer.flush()
    if (history.attempts - said < SAY_EVERY) continue
    said = history.attempts
    const perSecond = history.attempts / ((performance.now() - startedAt) / 1000)
    console.log(`${(said / 1e6).toFixed(2)} million attempts, ${Math.round(perSecond)} a second`)
  }
  writer.close()
  host.close()
  const gib = statSync(file).size / 2 ** 30
  console.log(`${file}: ${history.callbacks} callbacks, ${history.attempts} attempts, ${gib.toFixed(2)} GiB`)
}
