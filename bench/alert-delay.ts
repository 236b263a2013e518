// node bench/alert-delay.ts: from the third failure of a route to its alert at Slack, under load. See bench/README.md.
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { environment, flags } from '../bin/tuning.js'
import { type SlackPost, SlackSink } from '../test/support/slack-sink.ts'
import { CALLBACK_PATH, ringbackConfig } from './contenders/configs.ts'
import type { Window } from './load/protocol.ts'
import { describeMachine, type Machine, machineSentence } from './measure/machine.ts'
import { ask, freePort, type Processes } from './measure/processes.ts'
import { compile, untilItListens } from './measure/stage.ts'
import { tableOf } from './report/table.ts'
import { openWorkplace } from './measure/workplace.ts'

const { values } = parseArgs({
  options: {
    routes: { type: 'string', default: '100' },
    rate: { type: 'string', default: '1000' },
    broken: { type: 'string', default: '1,5,10,25,100' },
    data: { type: 'string', default: tmpdir() },
  },
})
const ROUTES = Number(values.routes)
const RATE = Number(values.rate)
const CONNECTIONS = 64
/** All is well before the handlers break. */
const CALM_S = 3
/** Longest wait for the alerts; what comes later counts as not told. */
const PATIENCE_S = 15
const WEBHOOK_PATH = '/webhooks/vobiz'

interface Outcome {
  readonly window: Window
  /** From the third failure to the message, by route, ascending, milliseconds. */
  readonly delays: readonly number[]
  readonly untold: number
  /** Messages about routes that work, or a second one about the same route. */
  readonly wrong: number
  readonly messages: number
}

function load(name: string): readonly string[] {
  return [join(import.meta.dirname, 'load', `${name}.ts`)]
}

/** A daemon, its handler, the load and Slack, all of them new: what was told before counts for the cap on messages. */
async function play(
  broken: number,
  machine: Machine,
  processes: Processes,
  folder: string,
): Promise<Outcome> {
  await mkdir(folder)
  await using slack = await SlackSink.start()
  const secret = randomBytes(32).toString('hex')
  const [upstreamPort, port, adminPort] = [await freePort(), await freePort(), await freePort()]
  const config = join(folder, 'ringback.yaml')
  const shared = {
    port,
    adminPort,
    upstreamPort,
    routes: ROUTES,
    ownUrls: true,
    store: join(folder, 'ringback.db'),
  }
  const more = 'notify: { slack: { webhook_url: { env: BENCH_SLACK_URL } } }\n'
  await writeFile(
    config,
    ringbackConfig({ ...shared, durability: 'full', signature: 'enforce', logLevel: 'info', more }),
  )
  const env = { BENCH_WEBHOOK_SECRET: secret, BENCH_PATH: CALLBACK_PATH, BENCH_SLACK_URL: slack.url }
  const start = (
    name: string,
    core: number | undefined,
    args: readonly string[],
    isOurs: boolean,
  ): ChildProcess =>
    processes.start(process.execPath, args, {
      env: { ...environment, ...env, BENCH_PORT: String(upstreamPort) },
      core,
      output: join(folder, `${name}.log`),
      ipc: isOurs,
    })
  const upstream = start('upstream', machine.pinning?.upstream, load('upstream'), true)
  const generator = start('generator', machine.pinning?.generator, load('generator'), true)
  const serve = [...flags, 'dist/daemon/main.js', 'serve', '--config', config]
  start('ringback', machine.pinning?.proxy, serve, false)
  await untilItListens('upstream', upstreamPort)
  await untilItListens('ringback', port)

  const seconds = CALM_S + PATIENCE_S
  await ask(generator, { do: 'prepare', count: RATE * seconds, routes: ROUTES })
  const run = ask<{ window: Window }>(generator, {
    do: 'run',
    port,
    connections: CONNECTIONS,
    seconds,
    rate: RATE,
  })
  await sleep(CALM_S * 1000)
  const names = Array.from({ length: broken }, (_, n) => `app-${String(n).padStart(4, '0')}`)
  await ask(upstream, { broken: names.map((name) => `${WEBHOOK_PATH}/${name}`) })
  const { window } = await run
  const { noted } = await ask<{ noted: Readonly<Record<string, number>> }>(upstream, {})
  await processes.stopAll()
  const thirds = new Map(names.map((name) => [name, noted[`${WEBHOOK_PATH}/${name}`] ?? Number.NaN]))
  return { window, ...toldOf(slack.messages, thirds) }
}

/** Who was told of which route when: by a message of its own, or by the digest that holds the rest. */
function toldOf(
  messages: readonly SlackPost[],
  thirds: ReadonlyMap<string, number>,
): Omit<Outcome, 'window'> {
  const untold = new Map(thirds)
  const delays: number[] = []
  let wrong = 0
  const told = (route: string, at: number): void => {
    const third = untold.get(route)
    if (third === undefined) wrong += 1
    else delays.push(at - third)
    untold.delete(route)
  }
  for (const { text, at } of messages) {
    const route = /^\[FIRING\] (app-\d+) /.exec(text)?.[1]
    const digest = /^\[DIGEST\] (\d+) messages: \1 firing$/.exec(text)?.[1]
    if (route !== undefined) told(route, at)
    else if (Number(digest) === untold.size) for (const each of untold.keys()) told(each, at)
    else wrong += 1
  }
  return { delays: delays.toSorted((a, b) => a - b), untold: untold.size, wrong, messages: messages.length }
}

async function main(): Promise<void> {
  const { folder, processes } = openWorkplace(values.data, 'alerts')
  const machine = describeMachine(folder, 'auto')
  console.log(machineSentence(machine))
  compile()
  const rows: string[][] = []
  for (const text of values.broken.split(',')) {
    const broken = Math.min(Number(text), ROUTES)
    const { window, delays, untold, wrong, messages } = await play(
      broken,
      machine,
      processes,
      join(folder, text),
    )
    const at = (share: number): string =>
      ((delays[Math.ceil(share * delays.length) - 1] ?? Number.NaN) / 1000).toFixed(2)
    const rate = (window.answered / window.seconds).toFixed(0)
    rows.push([
      `${broken} of ${ROUTES}`,
      rate,
      String(window.errors),
      at(0.01),
      at(0.5),
      at(1),
      String(messages),
      String(untold),
      String(wrong),
    ])
  }
  const heads = [
    'broken',
    'callbacks/s',
    'errors',
    'first s',
    'median s',
    'last s',
    'messages',
    'untold',
    'wrong',
  ]
  console.log(tableOf(heads, rows))
}

await main()
