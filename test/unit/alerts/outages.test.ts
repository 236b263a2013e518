import { describe, expect, it } from 'vitest'

import type { Standing } from '../../../src/alerts/standing-watch.ts'
import { TargetChanges } from '../../../src/alerts/target-changes.ts'
import type { Attempt } from '../../../src/callback/attempt.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { AlertBench, type BenchOptions, ruleSettings, settings } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { aRoute, aTarget } from '../../support/alert-builders.ts'
import { slackProblems } from '../../support/slack-limits.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const body = (text: string): Attempt['reply'] => ({
  status: 500,
  headers: ['Content-Type', 'application/json'],
  body: new TextEncoder().encode(text),
})
const calls = aRoute('calls', aTarget('primary', 'https://api.example.com/hook'))
const helped = aRoute(
  'ivr',
  aTarget('primary', 'https://ivr.example.com/'),
  aTarget('fallback', 'https://ivr2.example.com/'),
)

/** How things stand when nothing is wrong. */
const calmly = (over: Partial<Standing> = {}): Standing => ({
  rescue: [],
  certificates: [],
  reconciliation: [],
  ledger: undefined,
  ...over,
})

interface Outage {
  readonly settings?: Partial<BenchOptions['settings']>
  readonly play: (bench: AlertBench) => Promise<void>
}

/** Good answers first, so that there is something to compare with. */
async function wellFor(bench: AlertBench, ...routes: readonly (typeof calls)[]): Promise<void> {
  for (let i = 0; i < 5; i++) {
    for (const route of routes)
      bench.decide('ok', { route, attempt: { reply: body('{"status":"received"}') } })
    await bench.pass(MINUTE, 10_000)
  }
}

async function fails(
  bench: AlertBench,
  count: number,
  attempt: Partial<Attempt>,
  route = calls,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    bench.decide(attempt.outcome ?? 'http_5xx', { route, attempt })
    await bench.pass(2000)
  }
}

async function mended(bench: AlertBench, ...routes: readonly (typeof calls)[]): Promise<void> {
  for (let i = 0; i < 2; i++) {
    for (const route of routes) bench.decide('ok', { route })
    await bench.pass(2000)
  }
  await bench.pass(10_000)
}

let changes = new TargetChanges()
let standing = calmly()

const outages: Readonly<Record<string, Outage>> = {
  'errors after a deploy': {
    async play(bench) {
      await wellFor(bench, calls)
      const marker = { id: 'm1', at: bench.clock.wall() - MINUTE, text: 'deploy 1.2.3', created_by: 'ci' }
      await bench.engine.mark(marker)
      const reply = body('{"error":"no column from_number","to":"+919876543210","token":"hush"}')
      await fails(bench, 5, { status: 500, reply, error: 'HTTP 500' })
      await bench.pass(5 * HOUR, MINUTE)
      await mended(bench, calls)
    },
  },
  'dead server behind five routes': {
    async play(bench) {
      const routes = ['one', 'two', 'three', 'four', 'five'].map((id) =>
        aRoute(id, aTarget('primary', `https://shared.example.com/${id}`)),
      )
      await wellFor(bench, ...routes)
      const attempt = { status: 0, error: 'connection refused', reply: undefined }
      for (const route of routes) await fails(bench, 3, { ...attempt, outcome: 'refused' }, route)
      await bench.pass(2 * MINUTE)
      await mended(bench, ...routes)
    },
  },
  'hanging primary, helped by the fallback': {
    async play(bench) {
      await wellFor(bench, helped)
      const phases = { dns: NaN, connect: 3, tls: NaN, firstByte: NaN, total: 1600 }
      for (let i = 0; i < 4; i++) {
        bench.decide('ok', { route: helped, target: 'fallback' })
        await fails(
          bench,
          1,
          { outcome: 'timeout_response', status: 0, phases, error: 'no answer in 1.6 s' },
          helped,
        )
      }
      await mended(bench, helped)
    },
  },
  'certificate changed': {
    async play(bench) {
      changes.certified('https://api.example.com', Date.UTC(2027, 0, 1), bench.clock.wall())
      await wellFor(bench, calls)
      changes.certified('https://api.example.com', Date.UTC(2027, 2, 1), bench.clock.wall() - 20_000)
      await fails(bench, 3, { outcome: 'tls', status: 0, error: 'unable to verify the first certificate' })
      await mended(bench, calls)
    },
  },
  'DNS answer changed': {
    async play(bench) {
      changes.resolved('api.example.com', ['192.0.2.1'], bench.clock.wall())
      await wellFor(bench, calls)
      changes.resolved('api.example.com', ['192.0.2.9'], bench.clock.wall() - 5000)
      await fails(bench, 3, { outcome: 'timeout_connect', status: 0, error: 'no connection in 0.8 s' })
      await mended(bench, calls)
    },
  },
  'no callbacks': {
    settings: { rules: ruleSettings({ no_callbacks: { active_hours: ['00:00-12:00', '12:00-00:00'] } }) },
    async play(bench) {
      bench.end(calls)
      await bench.pass(40 * MINUTE, 10_000)
      bench.end(calls)
      await bench.pass(10_000)
    },
  },
  'signatures refused': {
    async play(bench) {
      await bench.pass(11 * MINUTE, MINUTE)
      for (let i = 0; i < 12; i++) {
        bench.engine.refused({ reason: 'signature_bad', route: 'calls', receivedAt: bench.clock.wall() })
      }
      await bench.pass(12 * MINUTE, 10_000)
    },
  },
  'ledger cannot be written': {
    async play(bench) {
      standing = calmly({
        ledger: { since: bench.clock.wall(), until: undefined, problem: 'database or disk is full' },
      })
      await bench.pass(20_000)
      standing = calmly()
      await bench.pass(10_000)
    },
  },
  'backlog and dead letters': {
    async play(bench) {
      const oldestAt = bench.clock.wall() - 16 * MINUTE
      standing = calmly({ rescue: [{ route: 'calls', oldestAt, dead: 2 }] })
      await bench.pass(10_000)
      standing = calmly()
      await bench.pass(10_000)
    },
  },
  'slow, and it comes and goes': {
    settings: { flapping: { fires: 2, withinMs: HOUR, holdMs: 10 * MINUTE } },
    async play(bench) {
      await bench.pass(6 * MINUTE, MINUTE)
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 30; i++) bench.end(calls, { answerMs: 2700 })
        await bench.pass(6 * MINUTE, 10_000)
        for (let i = 0; i < 300; i++) bench.end(calls)
        await bench.pass(6 * MINUTE, 10_000)
      }
      await bench.pass(20 * MINUTE, 10_000)
    },
  },
}

/** What was told, as people read it; ids differ from run to run. */
function told(messages: readonly Message[]): string {
  return messages
    .map(({ subject, text }) => `${subject}\n\n${text}`)
    .join('\n\n')
    .replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, 'ID')
}

describe('ten outages, as they are told', () => {
  it.each(Object.entries(outages))('%s', async (name, { settings: own, play }) => {
    standing = calmly()
    changes = new TargetChanges()
    await using file = await scratchFile()
    await using bench = await AlertBench.start({
      file: file.path,
      routes: [calls, helped],
      standing: () => standing,
      changesOf: (host) => changes.of(host),
      settings: {
        ...settings,
        ...own,
        linkUrl: 'https://ringback.example.com',
        dashboardUrl: 'https://grafana.example.com/d/r?var-route={route}',
      },
    })
    await play(bench)
    const { accepted } = bench.slack
    expect(bench.engine.snapshot()).toEqual([])
    expect(accepted.filter(({ kind }) => kind === 'firing').length).toBe(
      accepted.filter(({ kind }) => kind === 'resolved').length,
    )
    for (const { slack } of accepted) expect(slackProblems(slack)).toEqual([])
    expect(JSON.stringify(accepted)).not.toMatch(/9876543210|hush/)
    await expect(told(accepted)).toMatchFileSnapshot(`golden/outages/${name}.txt`)
  })
})
