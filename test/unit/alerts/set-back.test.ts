import { describe, expect, it } from 'vitest'

import { unwritableNow } from '../../../src/alerts/rules/unwritable.ts'
import { openIdMaker } from '../../../src/assembly/open-id-maker.ts'
import { createIdMaker } from '../../../src/callback/id.ts'
import type { CallbackRow } from '../../../src/ledger/rows.ts'
import type { Log } from '../../../src/log.ts'
import { aRoute } from '../../support/alert-builders.ts'
import { AlertBench, settings } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const failed = { result: 'failed', blame: 'handler', lastOutcome: 'http_5xx', answerStatus: 502 } as const
const calls = aRoute()

/** Ten callbacks a minute. */
async function traffic(bench: AlertBench, minutes: number, delivery = {}): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    for (let i = 0; i < 10; i++) bench.end(calls, delivery)
    await bench.pass(MINUTE, 5000)
  }
}

describe('after the clock was set back by two hours', () => {
  it('what fails then is told as soon as ever', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await traffic(bench, 70)
    bench.clock.setBy(-2 * HOUR)
    await traffic(bench, 5, failed)
    expect(bench.engine.snapshot().map(({ rule }) => rule)).toEqual(['failure_rate'])
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('what fired before is over as soon as ever', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await traffic(bench, 5, failed)
    expect(bench.slack.kinds()).toEqual(['firing'])
    bench.clock.setBy(-2 * HOUR)
    await traffic(bench, 8)
    expect(bench.engine.snapshot()).toEqual([])
  })

  it('what came and went before is over when it was well for as long as ever', async () => {
    await using file = await scratchFile()
    const flapping = { fires: 1, withinMs: 30 * MINUTE, holdMs: 10 * MINUTE }
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, flapping } })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'ok')
    bench.clock.setBy(-2 * HOUR)
    await bench.pass(9 * MINUTE)
    expect(bench.engine.snapshot()).toHaveLength(1)
    await bench.pass(2 * MINUTE)
    expect(bench.engine.snapshot()).toEqual([])
  })

  it('a silence is told as soon as ever', async () => {
    await using file = await scratchFile()
    const no_callbacks = { active_hours: ['Mon-Sun 00:00-24:00'], after: 15 * MINUTE }
    const routeRules = new Map([['calls', { no_callbacks }]])
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, routeRules } })
    await traffic(bench, 5)
    bench.clock.setBy(-2 * HOUR)
    await bench.pass(14 * MINUTE, 5000)
    expect(bench.slack.kinds()).toEqual([])
    await bench.pass(2 * MINUTE, 5000)
    expect(bench.engine.snapshot().map(({ rule }) => rule)).toEqual(['no_callbacks'])
  })

  it('failures in a row are told as soon as ever also when the process was started anew', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    let newest = ''
    {
      await using bench = await AlertBench.start(shared)
      newest = bench.decide('ok', { id: createIdMaker(Math.random)(bench.clock.wall()) })
    }
    shared.clock.setBy(-2 * HOUR)
    const rows = [{ id: newest }] as CallbackRow[]
    const reader = { callbacks: () => Promise.resolve({ rows, next: null }) }
    const said: unknown[] = []
    const log = { warn: (fields: unknown) => said.push(fields) } as unknown as Log['pino']
    const newId = await openIdMaker({ clock: shared.clock, reader, log })
    expect(said).toEqual([{ newest_callback: newest, ahead_seconds: 7200 }])
    await using bench = await AlertBench.start(shared)
    for (let i = 0; i < 3; i++) bench.decide('http_5xx', { id: newId(bench.clock.wall()) })
    expect(bench.engine.snapshot().map(({ rule }) => rule)).toEqual(['consecutive_failures'])
  })

  it('a ledger that cannot be written is counted from then on, and is well when it is', () => {
    const now = Date.UTC(2026, 10, 23, 15)
    const full = { isWritable: false, problem: 'disk full' }
    const well = { isWritable: true, problem: '' }
    const before = unwritableNow(undefined, full, now + 2 * HOUR)
    expect(unwritableNow(before, full, now)).toMatchObject({ since: now })
    const healing = unwritableNow(unwritableNow(before, well, now + 2 * HOUR), well, now)
    expect(unwritableNow(healing, well, now + MINUTE)).toBeUndefined()
  })
})
