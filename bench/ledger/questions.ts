// node bench/ledger/questions.ts FILE: how long the page's questions take on a ledger. See bench/README.md.
import { openForReading } from '../../src/ledger/sqlite/database.ts'
import { createReaderStore } from '../../src/ledger/sqlite/reader-store.ts'
import { tableOf } from '../report/table.ts'

const ROUNDS = 15
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MONTH_MS = 29 * DAY_MS
const LIMIT = 100

const [path] = process.argv.slice(2)
if (path === undefined) {
  console.error('node bench/ledger/questions.ts FILE')
  process.exit(2)
}
const store = createReaderStore(openForReading(path))
const newest = store.callbacks({ limit: 1 }).rows[0]
if (newest === undefined) throw new Error(`${path} is empty`)
const now = newest.received_at
const { id, call_id: callId } = newest
// The busiest one.
const route = store.routes(now - DAY_MS).toSorted((a, b) => b.callbacks - a.callbacks)[0]?.route ?? ''
const week = now - 7 * DAY_MS
const old = store.callbacks({ limit: 1, until: week }).rows[0]
const last = { limit: LIMIT }

const questions: Readonly<Record<string, () => unknown>> = {
  'last 100': () => store.callbacks(last),
  'next 100': () => store.callbacks({ ...last, after: store.callbacks(last).next ?? '' }),
  'last 100 of a route': () => store.callbacks({ ...last, route }),
  'last 100 of an event': () => store.callbacks({ ...last, event: 'recording.completed' }),
  'last 100 of a route and an event': () => store.callbacks({ ...last, route, event: 'call.completed' }),
  'last 100 of a route and an event that never were': () =>
    store.callbacks({ ...last, route, event: 'conference.ended' }),
  'last 100 delivered of a route': () => store.callbacks({ ...last, route, result: 'delivered' }),
  'last 100 failures': () => store.callbacks({ ...last, failed: true }),
  'last 100 failures of a route': () => store.callbacks({ ...last, failed: true, route }),
  'last 100 that timed out': () => store.callbacks({ ...last, outcome: 'timeout_response' }),
  'last 100 that never were': () => store.callbacks({ ...last, outcome: 'tls' }),
  'last 100 under way': () => store.callbacks({ ...last, result: 'pending' }),
  'failures of 24 h': () => store.callbacks({ limit: 1000, failed: true, since: now - DAY_MS }),
  'failures of one hour a week ago': () =>
    store.callbacks({ ...last, failed: true, since: week - HOUR_MS, until: week }),
  'one callback': () => store.callback(id),
  'one callback of last week': () => store.callback(old?.id ?? ''),
  'one call': () => store.call(callId),
  'one call of last week': () => store.call(old?.call_id ?? ''),
  'quantiles by route, 24 h': () => store.routes(now - DAY_MS),
  'quantiles by route, 29 days': () => store.routes(now - MONTH_MS),
  'history of routes, 24 h': () => store.history(now - DAY_MS, HOUR_MS),
  'history of routes, 29 days': () => store.history(now - MONTH_MS, 12 * HOUR_MS),
  counts: () => store.counts(),
  'at the start: repeats of 10 min': () => store.guards(now - 600_000, 1_000_000, ''),
  'at the start: events of 10 min': () => store.events(now - 600_000, 100_000, ''),
  'at the start: streaks': () => store.streaks(),
}

const rows = Object.entries(questions).map(([name, ask]) => {
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now()
    ask()
    return performance.now() - startedAt
  })
  const [first = Number.NaN] = times
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(ROUNDS / 2)] ?? Number.NaN
  return [name, first.toFixed(1), median.toFixed(1), Math.max(...times).toFixed(1)]
})
const { callbacks, bytes } = store.counts()
console.log(`${callbacks} callbacks, ${(bytes / 2 ** 30).toFixed(2)} GiB\n`)
console.log(tableOf(['question', 'first, ms', 'median, ms', 'longest, ms'], rows))
