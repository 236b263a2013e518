// node bench/drain.ts: how fast a backlog is delivered once its handler is back, and what live callbacks feel of it.
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { environment, flags } from '../bin/tuning.js'
import { CALLBACK_PATH, ringbackConfig } from './contenders/configs.ts'
import type { Window } from './load/protocol.ts'
import { describeMachine, type Machine, machineSentence } from './measure/machine.ts'
import { cpuSeconds } from './measure/proc.ts'
import { ask, freePort, type Processes } from './measure/processes.ts'
import { compile, untilItListens } from './measure/stage.ts'
import { openWorkplace } from './measure/workplace.ts'

const { values } = parseArgs({
  options: {
    backlog: { type: 'string', default: '10000' },
    live: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    /** `off` leaves it to the kernel which core does what. */
    pin: { type: 'string', default: 'auto' },
  },
})
const BACKLOG = Number(values.backlog)
/** Live callbacks a second, beside the backlog. */
const LIVE = Number(values.live)
const ROUNDS = Number(values.rounds)
/** While the handler is down: one request after the other on each of these, until enough wait. */
const FILL_CONNECTIONS = 16
const FILL_WINDOW_S = 2
/** Signed ahead for each of these windows. */
const FILL_AHEAD = 4000
const WINDOW_S = 4
const CONNECTIONS = 64
const POLL_MS = 200
const PATIENCE_MS = 120_000

interface Drained {
  readonly backlog: number
  /** From the start of the handler to the first late delivery. */
  readonly noticedMs: number
  /** From the first late delivery to the last. */
  readonly drainedMs: number
  /** Processor time of the daemon meanwhile, live callbacks included. */
  readonly cpuMs: number
  readonly live: Window
}

class Stage {
  readonly #processes: Processes
  readonly #machine: Machine
  readonly #folder: string
  readonly #secret = randomBytes(32).toString('hex')
  upstreamPort = 0
  #port = 0
  #adminPort = 0
  #generator: ChildProcess | undefined
  #daemon: ChildProcess | undefined

  constructor(processes: Processes, machine: Machine, folder: string) {
    this.#processes = processes
    this.#machine = machine
    this.#folder = folder
  }

  async start(): Promise<void> {
    ;[this.upstreamPort, this.#port, this.#adminPort] = [await freePort(), await freePort(), await freePort()]
    const config = join(this.#folder, 'ringback.yaml')
    const facts = { port: this.#port, adminPort: this.#adminPort, upstreamPort: this.upstreamPort }
    const store = join(this.#folder, 'ringback.db')
    await writeFile(
      config,
      ringbackConfig({
        ...facts,
        store,
        durability: 'full',
        routes: 1,
        signature: 'enforce',
        logLevel: 'info',
      }),
    )
    const { pinning } = this.#machine
    const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
    this.#daemon = this.#processes.start(
      process.execPath,
      [...flags, ...profiling, 'dist/daemon/main.js', 'serve', '--config', config],
      {
        env: { ...environment, BENCH_WEBHOOK_SECRET: this.#secret },
        core: pinning?.proxy,
        output: join(this.#folder, 'ringback.log'),
      },
    )
    this.#generator = this.#processes.start(
      process.execPath,
      [join(import.meta.dirname, 'load', 'generator.ts')],
      {
        env: { BENCH_WEBHOOK_SECRET: this.#secret, BENCH_PATH: CALLBACK_PATH },
        core: pinning?.generator,
        output: join(this.#folder, 'generator.log'),
        ipc: true,
      },
    )
    await untilItListens('ringback', this.#port)
  }

  async startHandler(): Promise<ChildProcess> {
    const upstream = this.#processes.start(
      process.execPath,
      [join(import.meta.dirname, 'load', 'upstream.ts')],
      {
        env: { BENCH_PORT: String(this.upstreamPort) },
        core: this.#machine.pinning?.upstream,
        output: join(this.#folder, 'upstream.log'),
        ipc: true,
      },
    )
    await untilItListens('upstream', this.upstreamPort)
    return upstream
  }

  async stopHandler(upstream: ChildProcess): Promise<void> {
    const ended = new Promise((resolve) => upstream.once('exit', resolve))
    upstream.kill('SIGKILL')
    await ended
  }

  /** Callbacks at a fixed rate, all of them signed ahead. */
  async live(seconds: number): Promise<Window> {
    return this.#send(LIVE * seconds, { connections: CONNECTIONS, seconds, rate: LIVE })
  }

  /** Until so many wait for a handler that is down. @returns how many do */
  async fill(backlog: number): Promise<number> {
    for (;;) {
      const { waiting } = await this.progress()
      if (waiting >= backlog) return waiting
      const window = await this.#send(FILL_AHEAD, {
        connections: FILL_CONNECTIONS,
        seconds: FILL_WINDOW_S,
        rate: 0,
      })
      if (window.errors > 0)
        throw new Error(`${window.errors} callbacks were not answered for the handler that is down`)
    }
  }

  async #send(count: number, run: { connections: number; seconds: number; rate: number }): Promise<Window> {
    const generator = this.#generator
    if (generator === undefined) throw new Error('the generator was not started')
    await ask(generator, { do: 'prepare', count, routes: 1 })
    return (await ask<{ window: Window }>(generator, { do: 'run', port: this.#port, ...run })).window
  }

  /** Processor time of the daemon so far, all threads, milliseconds. */
  cpuMs(): number {
    return cpuSeconds(this.#daemon?.pid ?? 0).total * 1000
  }

  /** Late deliveries so far, and what still waits. */
  async progress(): Promise<{ readonly late: number; readonly waiting: number }> {
    const text = await (await fetch(`http://127.0.0.1:${this.#adminPort}/metrics`)).text()
    const sum = (pattern: RegExp): number =>
      [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0)
    return {
      late: sum(/^ringback_deliveries_total\{[^}]*result="delivered_late"[^}]*\} (\d+)/gm),
      waiting: sum(/^ringback_rescue_queue_length\{[^}]*\} (\d+)/gm),
    }
  }
}

async function round(stage: Stage): Promise<{ readonly quiet: Window; readonly drained: Drained }> {
  let handler = await stage.startHandler()
  await stage.live(2) // not counted: the first callbacks of a process and of a connection are slow
  const quiet = await stage.live(WINDOW_S)
  await stage.stopHandler(handler)
  const backlog = await stage.fill(BACKLOG)
  handler = await stage.startHandler()
  const drained = await drain(stage, backlog)
  await stage.stopHandler(handler)
  return { quiet, drained }
}

async function drain(stage: Stage, backlog: number): Promise<Drained> {
  const startedAt = performance.now()
  const { late: lateBefore } = await stage.progress()
  let firstAt = 0
  let cpuBefore = 0
  let live: Promise<Window> | undefined
  while (performance.now() - startedAt < PATIENCE_MS) {
    const { late, waiting } = await stage.progress()
    const now = performance.now()
    if (firstAt === 0 && late > lateBefore) {
      firstAt = now
      cpuBefore = stage.cpuMs()
      live = stage.live(WINDOW_S)
    }
    if (live !== undefined && waiting === 0) {
      const cpuMs = stage.cpuMs() - cpuBefore
      return { backlog, noticedMs: firstAt - startedAt, drainedMs: now - firstAt, cpuMs, live: await live }
    }
    await sleep(POLL_MS)
  }
  throw new Error(`the backlog was not delivered within ${PATIENCE_MS / 1000} s`)
}

async function main(): Promise<void> {
  const { folder, processes } = openWorkplace(values.data, 'drain')
  const machine = describeMachine(folder, values.pin === 'off' ? 'off' : 'auto')
  console.log(machineSentence(machine))
  compile()
  const stage = new Stage(processes, machine, folder)
  await stage.start()
  for (let n = 1; n <= ROUNDS; n++) {
    const { quiet, drained } = await round(stage)
    const { live, backlog } = drained
    console.log(
      [
        `round ${n}: noticed after ${Math.round(drained.noticedMs)} ms`,
        `${backlog} delivered in ${(drained.drainedMs / 1000).toFixed(2)} s = ${Math.round((backlog * 1000) / drained.drainedMs)}/s`,
        `${((drained.cpuMs * 1000) / backlog).toFixed(0)} µs of processor time each`,
        `live at ${LIVE}/s: p50 ${quiet.p50.toFixed(2)} -> ${live.p50.toFixed(2)} ms, p99 ${quiet.p99.toFixed(2)} -> ${live.p99.toFixed(2)} ms, max ${quiet.max.toFixed(1)} -> ${live.max.toFixed(1)} ms`,
        live.errors + quiet.errors > 0 ? `ERRORS ${live.errors + quiet.errors}` : '',
      ].join('; '),
    )
  }
  await processes.stopAll()
}

await main()
