// node bench/bounds.ts: memory, answers and what normal callbacks feel, at each bound of the public port. See
// bench/README.md.
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { Crowd, type CrowdOptions } from '../test/support/crowd.ts'
import { ringback } from './contenders/ringback.ts'
import type { Window } from './load/protocol.ts'
import { describeMachine, machineSentence } from './measure/machine.ts'
import { residentMiB } from './measure/proc.ts'
import { ask } from './measure/processes.ts'
import type { Ready } from './measure/rounds.ts'
import { setStage } from './measure/stage.ts'
import { openWorkplace } from './measure/workplace.ts'
import { fixed, whole } from './report/numbers.ts'
import { tableOf } from './report/table.ts'

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '8000' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '12' },
  },
})
const CONNECTIONS = Number(values.connections)
const RATE = Number(values.rate)
const SECONDS = Number(values.seconds)
/** Requests signed ahead for a second at saturation. */
const AT_MOST = 20_000
const LOOK_EVERY_MS = 50
/** After the load, until memory is looked at again. */
const REST_MS = 3_000
const HEAD = 'POST /unsigned/hook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

/** What happens beside the normal callbacks. */
interface Scene {
  readonly name: string
  /** Clients that come a second after the normal callbacks began. */
  readonly crowd?: Omit<CrowdOptions, 'port'>
  /** As fast as answers come, while the handler answers 500; otherwise at the rate, and it works. */
  readonly isOutage?: boolean
}

const scenes: readonly Scene[] = [
  { name: 'nothing' },
  { name: `${whole(CONNECTIONS)} that say nothing`, crowd: { count: CONNECTIONS } },
  {
    name: `${whole(CONNECTIONS)} that never finish a body`,
    crowd: { count: CONNECTIONS, sends: `${HEAD}Content-Length: 100\r\n\r\n{"half":` },
  },
  {
    name: '1,000 that send 4,000 requests in a row and read nothing',
    crowd: {
      count: 1_000,
      sends: 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(4_000),
      reads: false,
    },
  },
  { name: '1,000 bodies of 1 MiB, whole', crowd: { count: 1_000, sends: largeBody(2 ** 20) } },
  { name: '1,000 bodies of 1 MiB, never finished', crowd: { count: 1_000, sends: largeBody(2 ** 20 - 1) } },
  { name: 'a handler that fails, at full load', isOutage: true },
]

const { folder, processes } = openWorkplace(tmpdir(), 'bounds')
try {
  const machine = describeMachine(folder, 'off')
  console.log(machineSentence(machine))
  const rows: string[][] = []
  for (const scene of scenes) {
    const row = await play(scene)
    rows.push(row)
    console.log(row.join('  '))
  }
  console.log(
    `\n${RATE} signed callbacks a second in windows of ${SECONDS} s, durability full, one new daemon each.\n`,
  )
  console.log(
    tableOf(
      [
        'beside them',
        'p50 / p99 / longest, ms',
        'their answers',
        'told the others',
        'RSS MiB before, peak, after',
      ],
      rows,
    ),
  )
} finally {
  await processes.stopAll()
}
process.exit(0)

/** One scene on a daemon of its own: memory that one scene needed is not seen in the next. */
async function play(scene: Scene): Promise<string[]> {
  const settings = { durability: 'full', hasUnsigned: true } as const
  const machine = describeMachine(folder, 'off')
  const name = `ringback-${scenes.indexOf(scene)}`
  const { generator, upstream, ready } = await setStage([ringback({ name, does: '', settings })], {
    machine,
    folder,
    processes,
  })
  const [daemon] = ready
  const pid = daemon?.child?.pid
  if (daemon === undefined || pid === undefined) throw new Error('Ringback did not start')
  const send = (rate: number, seconds: number): Promise<Window> =>
    sendFrom(generator, daemon, { rate, seconds })
  await send(RATE, 3)
  const before = residentMiB(pid).now
  const looks: number[] = []
  const looking = setInterval(() => looks.push(residentMiB(pid).now), LOOK_EVERY_MS)
  if (scene.isOutage === true) await ask(upstream, { broken: ['/webhooks/vobiz'] })
  const sending = send(scene.isOutage === true ? 0 : RATE, SECONDS)
  await sleep(1_000)
  const crowd =
    scene.crowd === undefined ? undefined : await Crowd.open({ port: daemon.port, ...scene.crowd })
  const window = await sending
  const told = crowd === undefined ? '–' : wordsOf(crowd.told())
  crowd?.[Symbol.dispose]()
  await sleep(REST_MS)
  clearInterval(looking)
  const after = residentMiB(pid).now
  await processes.stopAll()
  return [
    scene.name,
    `${fixed(window.p50, 1)} / ${fixed(window.p99, 1)} / ${fixed(window.max, 0)}`,
    wordsOf(window.statuses),
    told,
    `${whole(before)}, ${whole(Math.max(...looks))}, ${whole(after)}`,
  ]
}

async function sendFrom(
  generator: Parameters<typeof ask>[0],
  { port, routes }: Ready,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Window> {
  const count = Math.ceil((rate === 0 ? AT_MOST : rate) * seconds) + 1000
  await ask(generator, { do: 'prepare', count, routes })
  return (await ask<{ window: Window }>(generator, { do: 'run', port, connections: 64, seconds, rate }))
    .window
}

/** A callback whose body says that it has 1 MiB and holds so many bytes of it, each of another call. */
function largeBody(bytes: number): (member: number) => Uint8Array {
  return (member) => {
    const start = `{"event":"Hangup","CallUUID":"large-${member}","padding":"`
    const body = (start + 'x'.repeat(2 ** 20 - start.length - 2) + '"}').slice(0, bytes)
    return Buffer.from(`${HEAD}Content-Length: ${2 ** 20}\r\n\r\n${body}`)
  }
}

/** Such as `200: 5,812, 503: 31`. */
function wordsOf(counts: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(counts)
    .map(([told, count]) => `${told === '0' ? 'cut' : told}: ${whole(count ?? 0)}`)
    .join(', ')
}
