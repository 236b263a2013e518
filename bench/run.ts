import { existsSync } from 'node:fs'

import type { Contender } from './contenders/contender.ts'
import { describeMachine, machineSentence } from './measure/machine.ts'
import { type Bench, runRounds, type Sample } from './measure/rounds.ts'
import { bounds } from './measure/bounds.ts'
import { soak } from './measure/soak.ts'
import { setStage, type StageFacts } from './measure/stage.ts'
import { type Options, readOptions, usage } from './options.ts'
import { boundsTable } from './report/bounds-table.ts'
import { caveats } from './report/caveats.ts'
import { crewTable } from './report/crew-table.ts'
import { goalTable } from './report/goals.ts'
import { soakTable } from './report/soak-table.ts'
import { summarise } from './report/summary.ts'
import { markdownTable } from './report/table.ts'
import { writeReport } from './report/write.ts'
import { type Suite, suiteOf } from './suites.ts'
import { openWorkplace } from './measure/workplace.ts'

async function main(options: Options): Promise<void> {
  const { folder, processes } = openWorkplace(options.data, 'bench')
  try {
    const machine = describeMachine(folder, options.pin)
    console.log(machineSentence(machine))
    const facts = { machine, folder, processes }
    if (options.suite === 'bounds') await runBounds(options, facts)
    else await run(suiteOf(options.suite, options.ledger), options, facts)
  } finally {
    await processes.stopAll()
  }
}

/** Starts everything, runs the rounds, prints each window and at the end the report. */
async function run(suite: Suite, options: Options, facts: StageFacts): Promise<void> {
  const contenders = suite.contenders.filter((contender) => isWanted(contender, options))
  const stage = await setStage(contenders, facts)
  const bench: Bench = {
    ...stage,
    options,
    cores: facts.machine.cores,
    onSample: (sample) => console.log(sampleLine(sample)),
  }
  const { machine } = facts
  if (suite.name === 'soak') {
    const soaks = await soak(bench, options.seconds, (found) => console.log(soakTable([found])))
    await writeReport([machineSentence(machine), '', soakTable(soaks)].join('\n'), {
      machine,
      options,
      soaks,
    })
    return
  }
  const samples = await runRounds(bench)
  const summaries = contenders.map((contender) => summarise(contender, samples, options.rates))
  const goals = suite.name === 'proxies' ? goalTable(summaries) : ''
  const markdown = [
    machineSentence(machine),
    `${options.rounds} rounds of ${options.seconds} s windows in alternation, ${options.connections} connections, 800-byte signed POSTs; medians.`,
    '',
    markdownTable(summaries, options.rates, suite.base),
    '',
    ...(goals === '' ? [] : [goals, '']),
    ...(suite.name === 'workers' ? [crewTable(summaries, machine.cores), ''] : []),
    ...caveats(summaries, samples).map((line) => `- ${line}`),
  ].join('\n')
  await writeReport(markdown, { machine, options, summaries, samples })
}

async function runBounds(options: Options, facts: StageFacts): Promise<void> {
  const found = await bounds(options, facts, (bound) => console.log(boundsTable([bound])))
  const { machine } = facts
  const markdown = [
    machineSentence(machine),
    `${options.rates.join()} signed callbacks a second in windows of ${options.seconds} s, durability full, one new daemon each.`,
    '',
    boundsTable(found),
  ].join('\n')
  await writeReport(markdown, { machine, options, bounds: found })
}

function isWanted(contender: Contender, options: Options): boolean {
  const asked =
    options.only.length === 0 || options.only.includes(contender.name) || contender.name === 'direct'
  if (!asked) return false
  const there = contender.needs === undefined || existsSync(contender.needs)
  if (!there) console.log(`${contender.name} is left out: ${contender.needs ?? ''} is not here.`)
  return there
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
    `CPU ${sample.cpuUs.toFixed(0)} µs (main ${sample.mainUs.toFixed(0)}, ledger ${sample.ledgerUs.toFixed(0)})`,
    `RSS ${sample.rssMiB.toFixed(0)} MiB`,
    `others ${(sample.foreignShare * 100).toFixed(0)} %`,
    window.errors === 0 ? '' : `ERRORS ${window.errors}`,
  ].join('  ')
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') console.log(usage)
  else await main(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
