import { type ChildProcess, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { CALLBACK_PATH } from './configs.ts'
import { type Contender, contenders, type Ground } from './contenders.ts'
import type { Window } from './load/protocol.ts'
import { describeMachine, type Machine, machineSentence } from './machine.ts'
import { type Options, readOptions, usage } from './options.ts'
import { ask, freePort, Processes } from './processes.ts'
import { caveats, markdownTable, summarise } from './report.ts'
import { type Ready, runRounds, type Sample } from './rounds.ts'

const START_LIMIT_MS = 20_000
const RESULTS = join(import.meta.dirname, 'results')

async function main(options: Options): Promise<void> {
  const folder = mkdtempSync(join(options.data, 'ringback-bench-'))
  const processes = new Processes()
  process.on('exit', () => {
    processes.killAll()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130))
  try {
    const machine = describeMachine(folder)
    console.log(machineSentence(machine))
    const { samples, chosen } = await bench(options, { machine, folder, processes })
    await report(options, { machine, samples, chosen })
  } finally {
    await processes.stopAll()
  }
}

interface Stage {
  readonly machine: Machine
  readonly folder: string
  readonly processes: Processes
}

/** Starts everything, runs the rounds, prints each window. */
async function bench(options: Options, stage: Stage): Promise<{ samples: Sample[]; chosen: Contender[] }> {
  const { machine, folder, processes } = stage
  const secret = randomBytes(32).toString('hex')
  const upstreamPort = await freePort()
  const upstream = processes.start(process.execPath, [join(import.meta.dirname, 'load', 'upstream.ts')], {
    env: { BENCH_PORT: String(upstreamPort) },
    core: machine.pinning?.upstream,
    output: join(folder, 'upstream.log'),
    ipc: true,
  })
  const generator = processes.start(process.execPath, [join(import.meta.dirname, 'load', 'generator.ts')], {
    env: { BENCH_WEBHOOK_SECRET: secret, BENCH_PATH: CALLBACK_PATH },
    core: machine.pinning?.generator,
    output: join(folder, 'generator.log'),
    ipc: true,
  })
  await untilItListens('upstream', upstreamPort)

  const ground = { processes, folder, upstreamPort, secret, proxyCore: machine.pinning?.proxy }
  const chosen = contenders.filter((contender) => wanted(contender, options))
  if (chosen.some(({ name }) => name.startsWith('ringback'))) compile()
  const ready: Ready[] = []
  for (const contender of chosen) ready.push(await startOne(contender, ground, generator))

  const samples = await runRounds({
    generator,
    upstream,
    options,
    cores: machine.cores,
    ready,
    onSample: (sample) => console.log(sampleLine(sample)),
  })
  return { samples, chosen }
}

/** Ringback runs compiled, as in the package and the image: stripping types costs memory that nobody pays there. */
function compile(): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
}

function wanted(contender: Contender, options: Options): boolean {
  const asked =
    options.only.length === 0 || options.only.includes(contender.name) || contender.name === 'direct'
  if (!asked) return false
  const there = contender.needs === undefined || existsSync(contender.needs)
  if (!there) console.log(`${contender.name} is left out: ${contender.needs ?? ''} is not here.`)
  return there
}

/** Starts a contender and proves that it delivers: figures of one that only refuses would look splendid. */
async function startOne(contender: Contender, ground: Ground, generator: ChildProcess): Promise<Ready> {
  const { name } = contender
  const started = await contender.start(ground)
  await untilItListens(name, started.port)
  await ask(generator, { do: 'prepare', count: 1000 })
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
  return { name, ...started }
}

async function untilItListens(name: string, port: number): Promise<void> {
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

function sampleLine(sample: Sample): string {
  const { window } = sample
  const rate = window.answered / window.seconds
  return [
    `round ${sample.round + 1}`,
    sample.contender.padEnd(20),
    (sample.rate === 0 ? 'saturation' : `${sample.rate}/s`).padEnd(10),
    `${Math.round(rate).toLocaleString('en-US').padStart(7)}/s`,
    `p50 ${window.p50.toFixed(2)} p99 ${window.p99.toFixed(2)} max ${window.max.toFixed(1)} ms`,
    `CPU ${sample.cpuUs.toFixed(0)} µs`,
    `RSS ${sample.rssMiB.toFixed(0)} MiB`,
    `others ${(sample.foreignShare * 100).toFixed(0)} %`,
    window.errors === 0 ? '' : `ERRORS ${window.errors}`,
  ].join('  ')
}

async function report(
  options: Options,
  facts: { machine: Machine; samples: readonly Sample[]; chosen: readonly Contender[] },
): Promise<void> {
  const { machine, samples } = facts
  const summaries = facts.chosen.map((contender) => summarise(contender, samples, options.rates))
  const markdown = [
    machineSentence(machine),
    `${options.rounds} rounds of ${options.seconds} s windows in alternation, ${options.connections} connections, 800-byte signed POSTs; medians.`,
    '',
    markdownTable(summaries, options.rates),
    '',
    ...caveats(summaries, samples).map((line) => `- ${line}`),
  ].join('\n')
  const takenAt = new Date().toISOString()
  await mkdir(RESULTS, { recursive: true })
  const name = join(RESULTS, takenAt.replaceAll(/[:.]/g, '-'))
  await writeFile(`${name}.json`, JSON.stringify({ takenAt, machine, options, summaries, samples }, null, 2))
  await writeFile(`${name}.md`, `${markdown}\n`)
  console.log(`\n${markdown}\n\nWritten: ${name}.json and .md`)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') console.log(usage)
  else await main(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
