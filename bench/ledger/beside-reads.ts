// node bench/ledger/beside-reads.ts FILE: what forwarding feels of people who ask a big ledger. It writes to FILE. See
// bench/README.md.
import { existsSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { calmResults } from '../measure/calm.ts'
import { type OneDaemon, startOneDaemon } from '../measure/one-daemon.ts'
import { tableOf } from '../report/table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
})
const [path] = positionals
if (path === undefined || !existsSync(path)) {
  console.error('node bench/ledger/beside-reads.ts [--rate 500] [--seconds 5] [--rounds 3] FILE')
  process.exit(2)
}
const RATE = Number(values.rate)
const SECONDS = Number(values.seconds)

/** Faster than anybody reads. */
const PERSON_MS = 50
/** The cursor, without the cost of reading all of the answer. */
const NEXT = /"next":"([^"]+)"\}$/

type Get = (path: string) => Promise<string>
type Asking = (get: Get, isOver: () => boolean) => Promise<void>

/** What somebody does with the private port, over and over. */
const askings: Readonly<Record<string, Asking>> = {
  'nobody asks': () => Promise.resolve(),
  'one pages, 20 pages a second': (get, isOver) => lists(get, isOver, PERSON_MS),
  'one lists without a pause': lists,
  'four list without a pause': (get, isOver) =>
    Promise.all(Array.from({ length: 4 }, () => lists(get, isOver))).then(() => undefined),
  'numbers of routes over 29 days': (get, isOver) => again(isOver, () => get('/api/v1/routes?window=29d')),
  'an export of 100,000 rows': (get, isOver) =>
    again(isOver, () => get('/api/v1/callbacks/export?limit=100000')),
}

const bench = await startOneDaemon({ ledger: path, durability: 'full' })
await bench.send(RATE, 2) // not counted: a process and its connections begin slowly
// Whoever asks is on another machine: here the asking gives way, so that it is not what callbacks wait for.
setPriority(constants.priority.PRIORITY_LOW)
const seen = new Map<string, readonly Seen[]>()
let isCalm = true
for (const [name, asking] of Object.entries(askings)) {
  const found = await calmResults(Number(values.rounds), () => beside(bench, asking))
  seen.set(name, found.results)
  isCalm &&= found.isCalm
}
const idle = medianOf('nobody asks', 'p99')
const rows = [...seen].map(([name, all]) => [
  name,
  (medianOf(name, 'answers') / SECONDS).toFixed(1),
  medianOf(name, 'p50').toFixed(2),
  `${medianOf(name, 'p99').toFixed(2)} (${all.map(({ p99 }) => p99.toFixed(1)).join(', ')})`,
  (medianOf(name, 'p99') - idle).toFixed(2),
  medianOf(name, 'max').toFixed(1),
  String(all.reduce((sum, { errors }) => sum + errors, 0)),
])
console.log(
  `${RATE} callbacks a second, durability full, medians of ${values.rounds} windows of ${SECONDS} s`,
)
console.log(isCalm ? '' : 'THE MACHINE WAS BUSY: these figures are upper bounds.\n')
console.log(
  tableOf(['beside it', 'answers/s', 'p50 ms', 'p99 ms (all)', 'p99 more', 'longest ms', 'errors'], rows),
)
process.exit(0)

interface Seen {
  readonly answers: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly errors: number
}

async function beside({ send, adminUrl }: OneDaemon, asking: Asking): Promise<Seen> {
  const state = { isOver: false, answers: 0 }
  const get: Get = async (place) => {
    const response = await fetch(adminUrl + place)
    if (!response.ok) throw new Error(`${place} was answered ${response.status}`)
    const body = await response.text()
    state.answers++
    return body
  }
  const work = asking(get, () => state.isOver)
  const window = await send(RATE, SECONDS)
  state.isOver = true
  await work
  const { p50, p99, max, errors } = window
  return { answers: state.answers, p50, p99, max, errors }
}

async function lists(get: Get, isOver: () => boolean, pauseMs = 0): Promise<void> {
  for (let after = ''; !isOver();) {
    const next = NEXT.exec(await get(`/api/v1/callbacks?limit=100${after}`))?.[1]
    after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`
    if (pauseMs > 0) await sleep(pauseMs)
  }
}

async function again(isOver: () => boolean, once: () => Promise<unknown>): Promise<void> {
  while (!isOver()) await once()
}

function medianOf(name: string, what: 'p50' | 'p99' | 'max' | 'answers'): number {
  const all = (seen.get(name) ?? []).map((each) => each[what]).toSorted((a, b) => a - b)
  return all[Math.floor(all.length / 2)] ?? Number.NaN
}
