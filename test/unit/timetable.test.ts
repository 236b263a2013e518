import { afterEach, beforeEach, expect, test } from 'vitest'

import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { startTimetable } from '../../src/jobs.ts'
import { createRouteTable } from '../../src/routing/table.ts'
import { jobsOf } from '../../src/assembly/timetable.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../contract/ledger-samples.ts'
import { HeldClock } from '../support/held-clock.ts'
import { createLedgerFile, type LedgerFile } from './ledger/sqlite/ledger-file.ts'

let file: LedgerFile
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

function configOf(notify: object, alerts: object = {}): Config {
  const quiet = { id: 'never-called', path: '/quiet/', target: 'https://api.example.com/', signature: 'off' }
  return loadConfig({
    path: 'ringback.yaml',
    text: JSON.stringify({ public_url: 'https://cb.example.com', routes: [quiet], notify, alerts }),
    env: { SMTP_URL: 'smtps://mail.example.com', SLACK: 'https://hooks.slack.com/services/T/B/x' },
  }).config
}

const slack = { webhook_url: { env: 'SLACK' } }
const email = { smtp_url: { env: 'SMTP_URL' }, from: 'ringback@example.com', to: ['ops@example.com'] }

test.each([
  ['daily', { email, daily_summary: { at: '07:30', timezone: 'Asia/Kolkata' } }, '30 7 * * *', ['email']],
  [
    'weekly',
    { email, slack, weekly_summary: { on: 'fri', at: '07:30', timezone: 'Asia/Kolkata' } },
    '30 7 * * fri',
    ['email', 'slack'],
  ],
  [
    'weekly',
    { email, slack, weekly_summary: { at: '07:30', timezone: 'Asia/Kolkata', channels: ['slack'] } },
    '30 7 * * mon',
    ['slack'],
  ],
])('the %s summary is told once, with every route', async (every, notify, at, channels) => {
  const sqlite = await file.open()
  const exchange = sampleExchange()
  sqlite.writer.keep(exchange)
  sqlite.writer.attempt(exchange, sampleAttempt())
  sqlite.writer.settle(exchange, sampleDelivery())
  await sqlite.writer.flush()
  const { alerts, rescue, replays, console } = sqlite.stores
  const ledger = { ...sqlite, alerts, rescue, replays, console, sharing: undefined, location: file.path }
  const config = configOf(notify)
  const policy = { table: createRouteTable(config, []), verifiers: new Map(), publicBase: '' }
  const clock = new HeldClock(exchange.callback.receivedAt + 1000)
  const jobs = jobsOf({
    config: () => config,
    policy: () => policy as never,
    ledger,
    clock,
    renewCertificate: () => undefined,
    drills: undefined as never,
    dead: () => [{ route: 'app-1', dead: 2 }],
  })
  const job = jobs.find(({ name }) => name === `${every} summary`)
  expect(job).toMatchObject({ at, timezone: 'Asia/Kolkata' })
  await job?.run()
  await job?.run()
  const rows = await ledger.alerts.notifications({ limit: 10 })
  expect(rows.map(({ channel }) => channel).toSorted()).toEqual(channels)
  for (const row of rows) expect(row).toMatchObject({ kind: 'summary', state: 'pending' })
  const message = JSON.parse(rows[0]?.message ?? '') as { subject: string; text: string }
  expect(message.subject).toMatch(/SUMMARY\] .* 100\.00 % of 1 callback delivered$/)
  expect(message.text).toMatch(/Quiet routes.*never-called/)
  expect(message.text).toMatch(/Dead letters.*app-1 2/)
  expect(message.text).toMatch(/Slowest.*app-1/)
})

test('retention deletes what is older than `keep`, and nothing else', async () => {
  const now = Date.now()
  const sqlite = await file.open()
  const arrivals = [40, 31, 29, 1].map((days) =>
    sampleExchange({ callback: { receivedAt: now - days * 86_400_000 } }),
  )
  for (const exchange of arrivals) {
    sqlite.writer.keep(exchange)
    sqlite.writer.settle(exchange, sampleDelivery())
  }
  await sqlite.writer.flush()
  const config = configOf({ email })
  const ledger = { ...sqlite, alerts: sqlite.stores.alerts }
  const jobs = jobsOf({ config: () => config, ledger, clock: new HeldClock(now) } as never)
  await jobs.find(({ name }) => name === 'retention')?.run()
  const { rows } = await sqlite.reader.callbacks({ limit: 10 })
  expect(rows.map(({ id }) => id)).toEqual([arrivals[3]?.callback.id, arrivals[2]?.callback.id])
})

test('there is no summary unless it is configured', () => {
  const config = configOf({ email })
  const jobs = jobsOf({ config: () => config } as never)
  expect(jobs.map(({ name }) => name)).not.toContain('daily summary')
})

test.each(['0 10 * * mon', '*/15 8-18 1,15 jan-mar 0-7', '59 23 31 12 7'])(
  'a drill runs by the clock, at %s',
  async (cron) => {
    const config = configOf({}, { drill: { cron, timezone: 'Asia/Kolkata' } })
    const started: string[] = []
    const drills = { run: (by: string) => Promise.resolve(started.push(by)) }
    const jobs = jobsOf({ config: () => config, drills } as never)
    const job = jobs.find(({ name }) => name === 'drill')
    expect(job).toMatchObject({ at: cron, timezone: 'Asia/Kolkata' })
    await startTimetable([{ ...job!, at: cron }], () => undefined).close()
    await job?.run()
    expect(started).toEqual(['timetable'])
  },
)
