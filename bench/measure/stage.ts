import { type ChildProcess, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { CALLBACK_PATH } from '../contenders/configs.ts'
import type { Contender, Ground } from '../contenders/contender.ts'
import type { Window } from '../load/protocol.ts'
import type { Machine } from './machine.ts'
import { ask, freePort, type Processes } from './processes.ts'
import type { Load, Ready } from './rounds.ts'

const START_LIMIT_MS = 20_000
const LOAD = join(import.meta.dirname, '..', 'load')

export interface StageFacts {
  readonly machine: Machine
  readonly folder: string
  readonly processes: Processes
}

/** Starts the two ends and then every contender. */
export async function setStage(
  contenders: readonly Contender[],
  { machine, folder, processes }: StageFacts,
): Promise<Load & { readonly ready: readonly Ready[] }> {
  const secret = randomBytes(32).toString('hex')
  const upstreamPort = await freePort()
  const end = (name: string, core: number | undefined, env: Readonly<Record<string, string>>): ChildProcess =>
    processes.start(process.execPath, [join(LOAD, `${name}.ts`)], {
      env,
      core,
      output: join(folder, `${name}.log`),
      ipc: true,
    })
  const upstream = end('upstream', machine.pinning?.upstream, { BENCH_PORT: String(upstreamPort) })
  const generator = end('generator', machine.pinning?.generator, {
    BENCH_WEBHOOK_SECRET: secret,
    BENCH_PATH: CALLBACK_PATH,
  })
  await untilItListens('upstream', upstreamPort)
  compile()
  const ground = { processes, folder, upstreamPort, secret, proxyCore: machine.pinning?.proxy }
  const ready: Ready[] = []
  for (const contender of contenders) ready.push(await startOne(contender, ground, generator))
  return { generator, upstream, ready }
}

/** Ringback runs as in the package and the image: stripping types costs memory that nobody pays there. */
export function compile(): void {
  execFileSync(process.execPath, ['scripts/build-daemon.ts', '--if-stale'])
}

/** Starts a contender and proves that it delivers: figures of one that only refuses would look splendid. */
async function startOne(contender: Contender, ground: Ground, generator: ChildProcess): Promise<Ready> {
  const { name, routes = 1 } = contender
  const started = await contender.start(ground)
  await untilItListens(name, started.port)
  await ask(generator, { do: 'prepare', count: 1000, routes })
  const { window } = await ask<{ window: Window }>(generator, {
    do: 'run',
    port: started.port,
    connections: 1,
    seconds: 0.1,
    rate: 0,
  })
  if (window.errors > 0 || window.answered === 0) {
    const log = join(ground.folder, `${name}.log`)
    const lastWords = existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : ''
    throw new Error(`${name} answered ${window.errors} of its first callbacks with an error\n${lastWords}`)
  }
  return { name, routes, ...started }
}

export async function untilItListens(name: string, port: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS
  while (performance.now() < deadline) {
    if (await accepts(port)) return
    await sleep(50)
  }
  throw new Error(`${name} did not open its port within ${START_LIMIT_MS / 1000} s`)
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  const accepted = await promise
  socket.destroy()
  return accepted
}
