import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { backtest } from '../../../src/assembly/backtest.ts'
import type { BacktestReport } from '../../../src/backtest/report.ts'
import { addBacktest } from '../../../src/cli/commands/backtest.ts'
import type { Outcome } from '../../../src/callback/outcome.ts'
import type { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../contract/ledger-samples.ts'
import { cli } from '../../support/run-cli.ts'
import { createLedgerFile, type LedgerFile } from '../ledger/sqlite/ledger-file.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A full hour, two days back, so that hourly numbers fall where they are expected. */
const NOW = Math.floor(Date.now() / HOUR) * HOUR
const START = NOW - 2 * DAY

let file: LedgerFile
let ledger: SqliteLedger
beforeAll(async () => {
  file = await createLedgerFile()
  ledger = await file.open()
  await twoDays()
}, 60_000)
afterAll(() => file.end())

/** One callback of the past: failed ones are rescued, and delivered an hour later when `late` says so. */
function happened(at: number, outcome: Outcome, more: { route?: string; late?: boolean } = {}): void {
  const exchange = sampleExchange({
    callback: { receivedAt: at },
    route: { id: more.route ?? 'ivr' },
    facts: { callId: `call-${at}` },
  })
  const isOk = outcome === 'ok'
  const { phases, target } = sampleAttempt()
  const attempt = { outcome, startedAt: at + 2, phases: { ...phases, total: 40.25 }, target }
  ledger.writer.keep(exchange)
  ledger.writer.attempt(exchange, sampleAttempt({ ...attempt, status: isOk ? 200 : 503 }))
  ledger.writer.settle(exchange, sampleDelivery({ result: isOk ? 'delivered' : 'rescued', answerMs: 50.5 }))
  if (more.late !== true) return
  const again = {
    ...attempt,
    outcome: 'ok' as const,
    via: 'rescue' as const,
    number: 2,
    startedAt: at + HOUR,
  }
  ledger.writer.attempt(exchange, sampleAttempt(again))
  ledger.writer.settle(exchange, sampleDelivery({ result: 'delivered_late' }))
}

/** Two days with a callback a minute, one of a route that is gone, two outages of the handler, and one dip too short to be told. */
async function twoDays(): Promise<void> {
  for (let at = START; at < NOW; at += MINUTE) {
    const minute = (at - START) / MINUTE
    const isDown = (minute >= 600 && minute < 630) || (minute >= 2000 && minute < 2004)
    happened(at, isDown || minute === 1200 || minute === 1201 ? 'http_5xx' : 'ok', { late: minute < 2000 })
  }
  happened(NOW - MINUTE, 'ok', { route: 'gone' })
  await ledger.writer.flush()
}

async function run(...args: readonly string[]) {
  const folder = dirname(file.path)
  const config = join(folder, 'ringback.yaml')
  await writeFile(
    config,
    `public_url: https://cb.example.com
store: sqlite:${file.path}
routes: [{ id: ivr, path: /ivr/, target: "https://ivr.example.com/", signature: off }]
alerts: { rules: { failure_rate: { enabled: false } } }
notify: { slack: { webhook_url: { env: SLACK } } }
`,
  )
  return cli(['backtest', '--config', config, ...args], {
    env: { SLACK: 'https://hooks.slack.com/services/T0/B0/x' },
    addCommands: (program, cliFor) => addBacktest(program, cliFor, backtest),
  })
}

describe('ringback backtest', { timeout: 30_000 }, () => {
  it('tells what would have fired over the stored past, when, how fast, how long and how often', async () => {
    const { code, stdout, stderr } = await run('--since', '3d', '--json')
    expect([code, stderr]).toEqual([0, ''])
    const { configured } = JSON.parse(stdout) as { configured: BacktestReport }
    expect(configured.callbacks).toBe(2880)
    const streaks = configured.incidents.filter(({ rule }) => rule === 'consecutive_failures')
    const first = START + 600 * MINUTE
    expect(streaks).toMatchObject([
      // Three failures, a minute apart; over with the second success; the third attempt took 40 ms and a fraction,
      // which a store of whole milliseconds does not take.
      { route: 'ivr', since: first + 2, fired_at: first + 2 * MINUTE + 42, fired_after_ms: 2 * MINUTE + 40 },
      { fired_after_ms: 2 * MINUTE + 40, lasted_ms: 3 * MINUTE, callbacks: 4 },
    ])
    expect(streaks[0]).toMatchObject({ lasted_ms: 29 * MINUTE, callbacks: 30 })
    // What was rescued waited for over 15 minutes, except in the short dip's last minutes, which never arrived.
    expect(configured.incidents.map(({ rule }) => rule)).toContain('backlog_age')
    expect(configured.messages['slack']).toBeGreaterThanOrEqual(4)
    expect(configured.really_fired).toBe(0)
  })

  it('compares with changed thresholds, and says what it left out', async () => {
    const changes = ['alerts.consecutive_failures=5', 'alerts.rules.backlog_age.enabled=false']
    const sets = changes.flatMap((change) => ['--set', change])
    const { code, stdout, stderr } = await run('--since', '3d', ...sets)
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.includes('consecutive_failures'))).toHaveLength(1)
    expect(stderr).toMatch(
      /as configured {2}\d incidents \(.*consecutive_failures 2.*\); messages: slack \d+/,
    )
    expect(stderr).toMatch(/changed {8}1 incident \(consecutive_failures 1\); messages: slack 2/)
    expect(stderr).toContain('1 callback of routes that are not configured any more were left out')
  })

  it('leaves the ledger as it is, and says what is wrong with what it was asked', async () => {
    const before = await ledger.reader.counts()
    await run('--since', '1d')
    expect(await ledger.reader.counts()).toEqual(before)
    expect(await ledger.stores.alerts.incidents({ limit: 10 })).toEqual([])
    expect(await run('--since', 'yesterday')).toMatchObject({ code: 2 })
    expect(await run('--since', '1d', '--until', '2d')).toMatchObject({ code: 2 })
    expect(await run('--set', 'consecutive_failures')).toMatchObject({ code: 2 })
    expect(await run('--set', 'alerts.consecutive_failures=none')).toMatchObject({ code: 3 })
  })
})
