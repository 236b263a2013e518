import type { ChildProcess } from 'node:child_process'

import type { Started } from '../contenders/contender.ts'
import type { Window } from '../load/protocol.ts'
import type { Options } from '../options.ts'
import { type CpuSeconds, cpuSeconds, machineBusySeconds, residentMiB } from './proc.ts'
import { ask } from './processes.ts'

/** A contender that is up. */
export interface Ready extends Started {
  readonly name: string
  readonly routes: number
}

/** One window of load on one contender. */
export interface Sample {
  readonly contender: string
  readonly round: number
  /** Requests a second of an open-loop window; 0 at saturation. */
  readonly rate: number
  readonly window: Window
  /** CPU time of the contender's process tree, microseconds for each request; NaN where there is no proxy. */
  readonly cpuUs: number
  /** Of that the main thread, and the threads of the ledger. */
  readonly mainUs: number
  /** Of the main threads that of the first process. */
  readonly rootUs: number
  readonly ledgerUs: number
  /** CPU time of generator and upstream together, microseconds for each request: their ceiling on one core. */
  readonly loadUs: number
  readonly rssMiB: number
  readonly peakRssMiB: number
  /** Requests the upstream got in the window: an answer that was not forwarded is no answer. */
  readonly forwarded: number
  /** Share of the machine that processes outside of this bench took during the window. */
  readonly foreignShare: number
}

/** The ends of every contender. */
export interface Load {
  readonly generator: ChildProcess
  readonly upstream: ChildProcess
}

export interface Bench extends Load {
  readonly options: Options
  readonly cores: number
  readonly ready: readonly Ready[]
  onSample(sample: Sample): void
}

/** Requests signed ahead for each second at saturation until a first window has shown what is needed. */
export const FIRST_GUESS_PER_SECOND = 40_000

/** Visits every contender once a round, starting with another one each time, so that drift hits all alike. */
export async function runRounds(bench: Bench): Promise<Sample[]> {
  const samples: Sample[] = []
  const { ready, options } = bench
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < ready.length; turn++) {
      const contender = ready[(turn + round) % ready.length]
      if (contender === undefined) continue
      const fastest = Math.max(0, ...ratesOf(samples, contender.name))
      const perSecond = fastest === 0 ? FIRST_GUESS_PER_SECOND : fastest * 1.3
      await load(bench, contender, { rate: 0, seconds: options.warmUpSeconds, perSecond })
      for (const rate of [0, ...options.rates]) {
        const plan = { rate, seconds: options.seconds, perSecond: rate === 0 ? perSecond : rate }
        const sample = { round, ...(await measure(bench, contender, plan)) }
        samples.push(sample)
        bench.onSample(sample)
      }
    }
  }
  return samples
}

export interface Plan {
  readonly rate: number
  readonly seconds: number
  readonly perSecond: number
}

async function measure(bench: Bench, contender: Ready, plan: Plan): Promise<Omit<Sample, 'round'>> {
  const pid = contender.child?.pid
  const counted = await ask<{ answered: number }>(bench.upstream, {})
  await prepare(bench, contender, plan)
  const before = {
    cpu: cpuOf(pid),
    ends: cpuOfEnds(bench),
    own: cpuSeconds(process.pid).total,
    machine: machineBusySeconds(),
  }
  const startedAt = performance.now()
  const window = await send(bench, contender, plan)
  const seconds = (performance.now() - startedAt) / 1000
  const foreign = machineBusySeconds() - before.machine - (cpuSeconds(process.pid).total - before.own)
  const cpu = cpuOf(pid)
  const each = (used: number): number => (used / (window.answered + window.errors)) * 1e6
  const resident = pid === undefined ? { now: Number.NaN, peak: Number.NaN } : residentMiB(pid)
  return {
    contender: contender.name,
    rate: plan.rate,
    window,
    cpuUs: each(cpu.total - before.cpu.total),
    mainUs: each(cpu.main - before.cpu.main),
    rootUs: each(cpu.root - before.cpu.root),
    ledgerUs: each(cpu.ledger - before.cpu.ledger),
    loadUs: each(cpuOfEnds(bench) - before.ends),
    rssMiB: resident.now,
    peakRssMiB: resident.peak,
    forwarded: (await ask<{ answered: number }>(bench.upstream, {})).answered - counted.answered,
    foreignShare: Math.max(0, foreign) / (seconds * bench.cores),
  }
}

/** What it takes to send a window of load. */
type Sender = Pick<Bench, 'generator' | 'options'>

/** One window of load after its requests were signed ahead. */
export async function load(bench: Sender, contender: Ready, plan: Plan): Promise<Window> {
  await prepare(bench, contender, plan)
  return send(bench, contender, plan)
}

async function prepare({ generator }: Sender, { routes }: Ready, plan: Plan): Promise<void> {
  await ask(generator, { do: 'prepare', count: Math.ceil(plan.seconds * plan.perSecond) + 1000, routes })
}

async function send(bench: Sender, contender: Ready, plan: Plan): Promise<Window> {
  const { connections } = bench.options
  const { window } = await ask<{ window: Window }>(bench.generator, {
    do: 'run',
    port: contender.port,
    connections,
    seconds: plan.seconds,
    rate: plan.rate,
  })
  return window
}

function ratesOf(samples: readonly Sample[], name: string): number[] {
  return samples
    .filter((sample) => sample.contender === name && sample.rate === 0)
    .map(({ window }) => window.answered / window.seconds)
}

function cpuOf(pid: number | undefined): CpuSeconds {
  return pid === undefined
    ? { total: Number.NaN, main: Number.NaN, root: Number.NaN, ledger: Number.NaN }
    : cpuSeconds(pid)
}

function cpuOfEnds({ generator, upstream }: Load): number {
  return cpuOf(generator.pid).total + cpuOf(upstream.pid).total
}
