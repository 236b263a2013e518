import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { backtest } from '../../../src/assembly/backtest.ts'
import { addBacktest } from '../../../src/cli/commands/backtest.ts'
import type { Outcome } from '../../../src/callback/outcome.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../contract/ledger-samples.ts'
import { anIncident } from '../../support/alert-builders.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { cli } from '../../support/run-cli.ts'
import { createLedgerFile, type LedgerFile } from '../ledger/sqlite/ledger-file.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const NOW = Date.UTC(2026, 10, 25, 8)
const START = NOW - 30 * 24 * 60 * MINUTE

/** An outage of twelve minutes, and two moments in which a handler was started again. */
const troubles = [
  { from: Date.UTC(2026, 10, 3, 16, 40), failures: 3 },
  { from: Date.UTC(2026, 10, 12, 9, 14, 10), failures: 36 },
  { from: Date.UTC(2026, 10, 20, 12, 5), failures: 4 },
]
const command = ['backtest', '--since', '30d', '--set', 'alerts.consecutive_failures=5']

let file: LedgerFile
beforeAll(async () => {
  file = await createLedgerFile()
  const { writer, stores } = await file.open()
  const happened = (at: number, outcome: Outcome): void => {
    const exchange = sampleExchange({ callback: { receivedAt: at }, route: { id: 'ivr' } })
    const isOk = outcome === 'ok'
    const { phases } = sampleAttempt()
    const attempt = { outcome, startedAt: at + 2, phases: { ...phases, total: 40 }, status: isOk ? 200 : 503 }
    writer.keep(exchange)
    writer.attempt(exchange, sampleAttempt(attempt))
    writer.settle(exchange, sampleDelivery({ result: isOk ? 'delivered' : 'failed', answerMs: 50 }))
  }
  for (let at = START; at < NOW; at += 5 * MINUTE) {
    // The regular callbacks give way to those of the trouble, which come every twenty seconds.
    if (!troubles.some(({ from }) => Math.abs(at - from) < 15 * MINUTE)) happened(at, 'ok')
  }
  for (const { from, failures } of troubles) {
    for (let n = 0; n < failures + 3; n++) happened(from + n * 20 * SECOND, n < failures ? 'http_5xx' : 'ok')
  }
  await writer.flush()
  for (const { from, failures } of troubles) {
    const [id, opened_at] = [`incident-${from}`, from + 40 * SECOND]
    const notification = { id: `${id}.firing`, incident_id: id, kind: 'firing' as const, message: '{}' }
    const incident = anIncident({ id, opened_at, closed_at: null, close_reason: '' })
    await stores.alerts.openIncident({ incident, callback_ids: [], notification, channels: [], told: [] })
    const resolved = { id: `${id}.resolved`, message: '{}', merged_message: '{}' }
    const at = from + (failures + 2) * 20 * SECOND
    await stores.alerts.closeIncident(id, { at, reason: 'recovered', notification: resolved })
  }
}, 60_000)
afterAll(() => file.end())

it('the example in docs/alerts.md is what the program prints', { timeout: 60_000 }, async () => {
  const config = join(dirname(file.path), 'ringback.yaml')
  await writeFile(
    config,
    `public_url: https://cb.example.com
store: sqlite:${file.path}
routes: [{ id: ivr, path: /ivr/, target: "https://ivr.example.com/", signature: off }]
notify:
  slack: { webhook_url: { env: SLACK } }
  email: { smtp_url: { env: SMTP }, from: ringback@example.com, to: [ops@example.com] }
`,
  )
  const { code, stdout, stderr } = await cli([...command, '--config', config], {
    env: { SLACK: 'https://hooks.slack.com/services/T0/B0/x', SMTP: 'smtp://mail.example.com' },
    clock: new HeldClock(NOW),
    addCommands: (program, cliFor) => addBacktest(program, cliFor, backtest),
  })
  expect(code).toBe(0)
  const docs = await readFile('docs/alerts.md', 'utf8')
  const [, shown] = /\$ ringback (backtest [^`]*)```/.exec(docs) ?? []
  expect(shown).toBe(`${command.join(' ')}\n${stdout}${stderr}`)
})
