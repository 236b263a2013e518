import { X509Certificate } from 'node:crypto'

import { expect, test } from 'vitest'

import { serverCertificate } from '../support/certificates.ts'
import { type DashboardFile, dashboardFiles, dataPanels, filledIn } from '../support/dashboard-panels.ts'
import { differencesFromDocs } from '../support/exposition.ts'
import { playRareTrouble, serveMetrics } from '../support/metric-script.ts'
import {
  everythingOf,
  type Expectation,
  PanelReader,
  problemsOf,
  problemsOfChoices,
  type Shown,
} from '../support/panel-values.ts'
import { Prometheus } from '../support/prometheus.ts'
import { hasTool } from '../support/tools.ts'
import { play, setStage, warmUp } from '../support/trouble-script.ts'

type Expectations = Readonly<Record<string, Readonly<Record<string, Expectation>>>>

const age = (seconds: number): readonly [number, number] => [seconds, seconds + 60]
const streaks = { values: { 'calls primary': 24, 'calls fallback': 6, 'orders primary': 4 } }
const alerts = { values: { 'calls consecutive_failures': 1 } }
// Both have the same address, and so the same breaker.
const breakers = { values: { 'calls primary': 1, 'idle primary': 1 } }
const outcomes = {
  shares: {
    ok: 206 / 252,
    http_4xx: 1 / 252,
    http_5xx: 27 / 252,
    timeout_response: 12 / 252,
    refused: 4 / 252,
    circuit_open: 2 / 252,
  },
}
/** Failures for each that the objective of 99.9 % allows. */
const burns = { calls: 8 / 0.108, sms: 40, orders: 8 / 0.013 }
const burnsOver = (...windows: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(burns).flatMap(([route, burn]) =>
      windows.map((window) => [`${route} ${window}`, burn] as const),
    ),
  )
/** The first request of an event and verdict is not counted: its series begins with it. */
const events = { 'call.completed': 98 / 217, 'call.answered': 8 / 217, 'message.inbound': 111 / 217 }
const certificateEnds = new X509Certificate(serverCertificate('good').cert).validToDate.getTime() / 1000

/** What the script looks like on each panel; a panel that is not listed fails the test. */
const expected: Expectations = {
  'overview.json': {
    'Taken by handlers': { values: { taken: 202 / 222 } },
    'Alerts firing': { values: { firing: 1 } },
    'Answered inside 3 s': { values: { 'in time': 1 } },
    'Waiting for rescue': { values: { waiting: 3 } },
    'Dead letters': { values: { dead: 1 } },
    Callbacks: { between: { received: [251 / 70, 251 / 5] } },
    'Routes: Callbacks/s': {
      shares: { calls: 108 / 222, sms: 100 / 222, orders: 13 / 222, secure: 1 / 222 },
    },
    'Routes: Taken': { values: { calls: 100 / 108, sms: 0.96, orders: 5 / 13, secure: 1 } },
    'Routes: Handler p95': {
      between: { calls: [1.5, 2.5], sms: [0.05, 1.5], orders: [0.05, 1.5], secure: [0.005, 1.5] },
    },
    'Routes: Streak': { values: { calls: 24, orders: 4 } },
    'Routes: Since last success': { between: { calls: age(0), sms: age(0), orders: age(0), secure: age(0) } },
    'Routes: Waiting': { values: { orders: 3 } },
    'Routes: Alerts': { values: { calls: 1 } },
    'Failures in a row': streaks,
    Alerts: alerts,
    // A rescued callback counts again as what became of it.
    'What became of callbacks': {
      shares: {
        delivered: 202 / 227,
        rescued: 8 / 227,
        failed: 12 / 227,
        delivered_late: 4 / 227,
        dead: 1 / 227,
      },
    },
    'What handlers did': outcomes,
    'Time to answer': { between: { p50: [0.025, 1], p95: [0.1, 2.5], p99: [1.5, 3] } },
    'Time to answer, all requests': { runtime: true },
    'Callbacks by event': { shares: events },
    'Refused at the door': { shares: { signature_bad: 5 / 26, unknown_path: 21 / 26 } },
  },
  'route.json': {
    'Taken by the handler': { values: { calls: 100 / 108, sms: 0.96, orders: 5 / 13, secure: 1 } },
    'Since the last success': {
      between: {
        'calls primary': age(0),
        'calls fallback': age(0),
        'sms primary': age(0),
        'orders primary': age(0),
        'secure primary': age(0),
      },
    },
    'Since the last callback': {
      between: { calls: age(0), sms: age(0), orders: age(0), secure: age(0), hold: age(0) },
    },
    'Certificate expires in': { values: { 'secure primary': certificateEnds - Date.now() / 1000 } },
    Outcomes: outcomes,
    'Primary against fallback': { shares: { primary: 188 / 206, fallback: 18 / 206 } },
    // A twentieth of the attempts are slow: p95 lies where they begin, in the bucket before or after.
    'Time of the handler': { between: { p50: [0.025, 1], p95: [0.05, 2.5], p99: [1.5, 2.5] } },
    'Time of the handler, all attempts': { runtime: true },
    'Failures in a row': streaks,
    Breaker: breakers,
    'Deadlines missed, by blame': { shares: { handler: 1 } },
    'Signature verdicts': { shares: { signature_bad: 1 } },
    'Received by event': {
      shares: {
        'call.completed': 98 / 243,
        'call.answered': 8 / 243,
        'message.inbound': 111 / 243,
        none: 26 / 243,
      },
    },
  },
  'slo.json': {
    'Error budget left': { values: { left: 1 - 20 / 222 / 0.001 } },
    Objective: { values: { objective: 0.999 } },
    'Callbacks hurt': { between: { hurt: [19.9, 40] } },
    'Burn rate, fast windows': {
      values: burnsOver('5m', '1h'),
    },
    'Burn rate, slow windows': {
      values: burnsOver('6h', '3d'),
    },
    'Answers inside 3 s': { values: { calls: 1, sms: 1, orders: 1, secure: 1, _unmatched: 1 } },
    'Time to answer, p95': { between: { calls: [1.5, 2], sms: [0.05, 1.5] } },
    Incidents: alerts,
    // Both targets of calls.
    'Prometheus alerts': {
      values: { 'RingbackConsecutiveFailures calls': 2, 'RingbackConsecutiveFailures orders': 1 },
    },
    Notifications: { shares: { 'slack retry': 1 / 9, 'slack sent': 4 / 9, 'email sent': 4 / 9 } },
    'Time of a notification': { between: { slack: [0, 1], email: [0, 2.5] } },
    'Oldest unsent notification': { empty: true },
    'Calls that do not fit': { empty: true },
    'Call records read': { empty: true },
  },
  'rescue.json': {
    Waiting: { values: { waiting: 3 } },
    'Oldest waits for': { between: { age: age(0) } },
    'Dead letters': { values: { dead: 1 } },
    'Rescued and delivered': { between: { 'delivered late': [3.9, 8] } },
    'In and out': { shares: { rescued: 8 / 13, delivered_late: 4 / 13, dead: 1 / 13 } },
    'Queue by route': { values: { orders: 3 } },
    'Dead letters by route': { values: { orders: 1 } },
    Breaker: breakers,
  },
  'daemon.json': {
    'Running for': { runtime: true },
    Versions: { values: { [`0.1.0 on Node ${process.version}`]: 1 } },
    Configuration: { values: { reload: 1 } },
    'In flight': { values: { 'in flight': 3 } },
    Workers: { values: { missing: 0, lost: 0 } },
    'Verdicts at the door': {
      shares: { verified: 106 / 243, unchecked: 111 / 243, signature_bad: 5 / 243, unknown_path: 21 / 243 },
    },
    // A busy machine may be late with some.
    'Ledger rows': { between: { ok: [1, 1000], failed: [0, 0] } },
    'Time of a commit': { between: { p50: [0.0002, 0.1], p99: [0.0002, 2.5] } },
    'Time of a commit, all commits': { runtime: true },
    'Event loop': { runtime: true },
    Memory: { runtime: true },
    'Garbage collection': { runtime: true },
    Processor: { runtime: true },
    'Open files': { runtime: true },
    Scrape: { runtime: true },
  },
}

/** What the rare trouble looks like, which is told to the metrics alone. */
const expectedOfRare: Expectations = {
  'overview.json': {
    'Waiting for rescue': { values: { waiting: 4 } },
    'Dead letters': { values: { dead: 1 } },
    'Routes: Waiting': { values: { calls: 4 } },
  },
  'route.json': { 'Deadlines missed, by blame': { shares: { handler: 0.8, proxy: 0.2 } } },
  'slo.json': {
    'Oldest unsent notification': { between: { age: age(30) } },
    'Calls that do not fit': { values: { 'MA_TEST123 no_callback': 2, 'MA_TEST123 answer_blamed': 1 } },
    'Call records read': { between: { MA_TEST123: age(60) } },
  },
  'rescue.json': {
    Waiting: { values: { waiting: 4 } },
    'Oldest waits for': { between: { age: age(120) } },
    'Dead letters': { values: { dead: 1 } },
    'Rescued and delivered': { between: { 'delivered late': [3.9, 8] } },
    'In and out': { shares: { rescued: 8 / 13, delivered_late: 4 / 13, dead: 1 / 13 } },
    'Queue by route': { values: { calls: 4 } },
    'Dead letters by route': { values: { calls: 1 } },
  },
  'daemon.json': {
    Workers: { between: { missing: [1, 1], lost: [1.9, 4] } },
    'Ledger rows': { shares: { ok: 300 / 305, failed: 5 / 305 } },
  },
}

const choices = {
  route: ['calls', 'sms', 'orders', 'secure', 'hold', 'idle', 'MA_TEST123.calls', '_unmatched', '_other'],
  target: ['primary', 'fallback'],
  event: ['call.completed', 'call.answered', 'message.inbound', 'none'],
}

/** The recordings of one thing over every window. */
const recorded = (name: string): string => `{__name__=~"job_route:ringback_${name}_rate.+", route="calls"}`

/** Everything has been scraped, and every group of rules (each has a beat of its own) was evaluated on it. */
async function untilSettled(prometheus: Prometheus): Promise<void> {
  await prometheus.until('ringback_deliveries_in_flight == 3')
  // The backlog is counted anew once a second.
  await prometheus.until('ringback_rescue_queue_length{job="ringback", route="orders"} == 3')
  await prometheus.until('ringback_dead_letters{job="ringback", route="orders"} == 1')
  await prometheus.until('increase(ringback_deliveries_total{job="rare", result="rescued"}[1m]) > 7')
  const failures = recorded('delivery_failures_per_delivery:ratio').replace('}', ', job="ringback"}')
  await prometheus.until(`count((${failures} > 0.07407) < 0.07408) == 7`)
  await prometheus.until('sum(ringback_notifications_total{job="ringback", result="sent"}) == 8')
  await prometheus.until('ringback_alert_outbox_oldest_timestamp_seconds{job="ringback"} == 0')
  await prometheus.until('count(ALERTS{alertstate="firing", job="ringback"}) == 3')
}

test.runIf(hasTool('prometheus'))(
  'every panel of every dashboard shows the right values on a real Prometheus',
  async () => {
    await using stage = await setStage()
    await using rare = await serveMetrics()
    await using prometheus = await Prometheus.start({
      jobs: { ringback: new URL(stage.ringback.adminUrl).host, rare: rare.address },
      rules: ['prometheus/recording.yml', 'prometheus/alerts.yml'],
    })
    await prometheus.until('count(ringback_deliveries_total{route="calls", result="dead"} == 0) == 2')
    await warmUp(stage)
    playRareTrouble(rare.metrics)
    await prometheus.until('ringback_callbacks_received_total{route="secure", event="call.completed"} == 1')
    await play(stage)
    await untilSettled(prometheus)

    const reader = new PanelReader(prometheus, Date.now() / 1000)
    const problems: string[] = []
    for (const dashboard of dashboardFiles()) {
      const moment = { reader, dashboard }
      const shown = await panelsOf(moment, {})
      problems.push(...wrongPanels(dashboard, shown))
      problems.push(...(await wrongRarities(moment)))
      problems.push(...(await wrongChoices(moment, shown)))
      problems.push(...(await wrongVariables(prometheus, dashboard)))
      const [firing] = dashboard.annotations.list
      const marks = await reader.samples(firing?.expr ?? '', everythingOf('ringback'))
      expect(marks.map(({ labels }) => labels)).toEqual([{ route: 'calls', rule: 'consecutive_failures' }])
    }
    expect(problems).toEqual([])
    const exposition = await (await fetch(`${stage.ringback.adminUrl}/metrics`)).text()
    expect(differencesFromDocs(exposition)).toEqual([])

    for (const { labels, annotations } of await prometheus.alerts()) {
      expect(labels['severity']).toMatch(/^(critical|warning)$/)
      for (const text of Object.values(annotations))
        expect(text).not.toMatch(/error (executing|expanding)|no value|\{\{| [.,;]/)
    }
  },
)

interface Moment {
  readonly reader: PanelReader
  readonly dashboard: DashboardFile
}

async function panelsOf(
  { reader, dashboard }: Moment,
  chosen: Readonly<Record<string, string>>,
): Promise<readonly Shown[]> {
  const choice = { ...everythingOf('ringback'), ...chosen }
  const panels = dataPanels(dashboard).map((panel) => reader.shownBy(panel, choice))
  return (await Promise.all(panels)).flat()
}

function wrongPanels({ file }: DashboardFile, shown: readonly Shown[]): readonly string[] {
  const wanted = expected[file] ?? {}
  const names = new Set(shown.map(({ name }) => name))
  return [
    ...shown.flatMap((panel) => problemsOf(panel, wanted[panel.name])),
    ...Object.keys(wanted).flatMap((name) => (names.has(name) ? [] : [`there is no panel ${name}`])),
  ].map((problem) => `${file}: ${problem}`)
}

async function wrongRarities(moment: Moment): Promise<readonly string[]> {
  const shown = await panelsOf(moment, { job: 'rare' })
  const wanted = Object.entries(expectedOfRare[moment.dashboard.file] ?? {})
  return wanted.flatMap(([name, expectation]) => {
    const panel = shown.find((one) => one.name === name)
    return panel === undefined ? [`there is no panel ${name}`] : problemsOf(panel, expectation)
  })
}

/** Whatever route, target or event is chosen, a panel shows that part of the whole. */
async function wrongChoices(moment: Moment, all: readonly Shown[]): Promise<readonly string[]> {
  const variables = ['route', 'target', 'event'] as const
  const wrong: string[] = []
  for (const variable of variables) {
    const byValue = await Promise.all(
      choices[variable].map((value) => panelsOf(moment, { [variable]: value })),
    )
    for (const [index, whole] of all.entries()) {
      const parts = byValue.flatMap((shown) => shown[index] ?? [])
      wrong.push(...problemsOfChoices(variable, whole, parts))
    }
  }
  return wrong.map((problem) => `${moment.dashboard.file}: ${problem}`)
}

/** Variables offer what there is, and nothing else. */
async function wrongVariables(prometheus: Prometheus, dashboard: DashboardFile): Promise<readonly string[]> {
  const offers: Readonly<Record<string, readonly string[]>> = { ...choices, job: ['rare', 'ringback'] }
  const wrong: string[] = []
  for (const variable of dashboard.templating.list) {
    if (variable.type !== 'query' || typeof variable.query === 'string') continue
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(variable.query.query) ?? []
    const offered = await prometheus.labelValues(label, filledIn(selector, everythingOf('.+')))
    const wanted = offers[variable.name]
    const isRight =
      wanted === undefined ? offered.length === 2 : offered.toSorted().join() === wanted.toSorted().join()
    if (!isRight) wrong.push(`${dashboard.file}: $${variable.name} offers ${offered.join(', ')}`)
  }
  return wrong
}
