import { expect, test } from 'vitest'

import {
  type DashboardFile,
  dashboardFiles,
  dataPanels,
  filledIn,
  type PanelFile,
} from '../support/dashboard-panels.ts'
import { play, serveMetrics, warmUp } from '../support/metric-script.ts'
import { Prometheus, type Sample } from '../support/prometheus.ts'
import { hasTool } from '../support/tools.ts'

/** What a panel must show, by legend. */
type Expectation =
  /** Each value, within 2 %. Series that are not named must be zero. */
  | { readonly values: Readonly<Record<string, number>> }
  /**
   * Each series' part of the whole, within 20 %: how far rate() extrapolates depends on when exactly was scraped, and
   * on whether a series began at 0.
   */
  | { readonly shares: Readonly<Record<string, number>> }
  /** Each value between two bounds. */
  | { readonly between: Readonly<Record<string, readonly [number, number]>> }
  /** Something finite: numbers of the machine, not of the script. */
  | { readonly runtime: true }

const age = (seconds: number): readonly [number, number] => [seconds, seconds + 60]
const streaks = {
  values: { 'calls primary': 4, 'calls fallback': 2 },
} as const
const alerts = { values: { 'calls consecutive_failures': 1 } } as const
const outcomeShares = {
  shares: { ok: 190 / 220, http_5xx: 18 / 220, timeout_response: 8 / 220, refused: 4 / 220 },
} as const
const eventShares = { shares: { Hangup: 0.45, StartApp: 0.05, 'message.inbound': 0.5 } } as const
const allEvents = {
  shares: { Hangup: 90 / 225, StartApp: 10 / 225, 'message.inbound': 100 / 225, none: 25 / 225 },
} as const

/** What `play` must look like on each panel; a panel that is not listed fails the test. */
const expected: Readonly<Record<string, Readonly<Record<string, Expectation>>>> = {
  'overview.json': {
    'Taken by handlers': { values: { taken: 0.95 } },
    'Alerts firing': { values: { firing: 1 } },
    // 200 callbacks and 5 forgeries are answered, 2 of them late.
    'Answered inside 3 s': { values: { 'in time': 203 / 205 } },
    'Waiting for rescue': { values: { waiting: 4 } },
    'Dead letters': { values: { dead: 1 } },
    Callbacks: { between: { received: [225 / 70, 225 / 5] } },
    'Routes: Callbacks/s': { shares: { calls: 0.5, sms: 0.5 } },
    'Routes: Taken': { values: { calls: 0.9, sms: 1 } },
    'Routes: Handler p95': { between: { calls: [1.5, 2], sms: [0.05, 0.1] } },
    'Routes: Streak': { values: { calls: 4 } },
    'Routes: Since last success': { between: { calls: age(0), sms: age(0) } },
    'Routes: Waiting': { values: { calls: 4 } },
    'Routes: Alerts': { values: { calls: 1 } },
    'Failures in a row': streaks,
    Alerts: alerts,
    'What became of callbacks': {
      shares: {
        delivered: 190 / 205,
        rescued: 8 / 205,
        failed: 2 / 205,
        delivered_late: 4 / 205,
        dead: 1 / 205,
      },
    },
    'What handlers did': outcomeShares,
    // 195 of 205 answers lie under 0.5 s: p95 falls just below or just above the gap up to 1.5 s.
    'Time to answer': { between: { p50: [0.05, 0.1], p95: [0.25, 1.6], p99: [1.5, 5] } },
    'Time to answer, all requests': { runtime: true },
    'Callbacks by event': eventShares,
    'Refused at the door': { shares: { signature_bad: 0.2, unknown_path: 0.8 } },
  },
  'route.json': {
    'Taken by the handler': { values: { calls: 0.9, sms: 1 } },
    'Since the last success': {
      between: { 'calls primary': age(0), 'calls fallback': age(0), 'sms primary': age(0) },
    },
    'Since the last callback': { between: { calls: age(0), sms: age(0) } },
    'Certificate expires in': { values: { 'calls primary': 30 * 86_400 } },
    Outcomes: outcomeShares,
    'Primary against fallback': { shares: { primary: 180 / 190, fallback: 10 / 190 } },
    'Time of the handler': { between: { p50: [0.05, 0.1], p95: [0.1, 0.25], p99: [1.5, 2] } },
    'Time of the handler, all attempts': { runtime: true },
    'Failures in a row': streaks,
    Breaker: { values: { 'calls primary': 1 } },
    'Deadlines missed, by blame': { shares: { handler: 0.8, proxy: 0.2 } },
    'Signature verdicts': { shares: { signature_bad: 1 } },
    'Received by event': allEvents,
  },
  'slo.json': {
    'Error budget left': { values: { left: 1 - 0.05 / 0.001 } },
    Objective: { values: { objective: 0.999 } },
    'Callbacks hurt': { between: { hurt: [9.9, 20] } },
    'Burn rate, fast windows': { values: { 'calls 5m': 100, 'calls 1h': 100 } },
    'Burn rate, slow windows': { values: { 'calls 6h': 100, 'calls 3d': 100 } },
    'Answers inside 3 s': { values: { calls: 103 / 105, sms: 1 } },
    'Time to answer, p95': { between: { calls: [1.5, 2], sms: [0.05, 0.1] } },
    Incidents: alerts,
    'Prometheus alerts': {
      values: {
        'RingbackConsecutiveFailures calls': 1,
        'RingbackDeadlineMisses calls': 1,
        'RingbackLedgerWritesFailing ': 1,
      },
    },
    Notifications: { shares: { 'slack failed': 1 / 3, 'slack sent': 1 / 3, 'email sent': 1 / 3 } },
    'Time of a notification': { between: { slack: [0.25, 0.5], email: [0.1, 0.25] } },
    'Oldest unsent notification': { between: { age: age(30) } },
  },
  'rescue.json': {
    Waiting: { values: { waiting: 4 } },
    'Oldest waits for': { between: { age: age(120) } },
    'Dead letters': { values: { dead: 1 } },
    'Rescued and delivered': { between: { 'delivered late': [3.9, 8] } },
    'In and out': { shares: { rescued: 8 / 13, delivered_late: 4 / 13, dead: 1 / 13 } },
    'Queue by route': { values: { calls: 4 } },
    'Dead letters by route': { values: { calls: 1 } },
    Breaker: { values: { 'calls primary': 1 } },
  },
  'daemon.json': {
    'Running for': { runtime: true },
    Versions: { values: { [`1.2.3 on Node ${process.version}`]: 1 } },
    Configuration: { values: { reload: 1 } },
    'In flight': { values: { 'in flight': 3 } },
    'Verdicts at the door': {
      shares: { verified: 200 / 225, signature_bad: 5 / 225, unknown_path: 20 / 225 },
    },
    'Ledger rows': { shares: { ok: 300 / 305, failed: 5 / 305 } },
    'Time of a commit': { between: { p50: [0.0025, 0.005], p99: [0.0025, 0.005] } },
    'Time of a commit, all commits': { runtime: true },
    'Event loop': { runtime: true },
    Memory: { runtime: true },
    'Garbage collection': { runtime: true },
    Processor: { runtime: true },
    'Open files': { runtime: true },
    Scrape: { runtime: true },
  },
}

const routes = ['calls', 'sms', 'idle', '_unmatched', '_other']
const everything = { job: '.+', instance: '.+', route: '.+', target: '.+', event: '.+' }
const grafanas = { __rate_interval: '1m', __range: '10m', __interval: '15s' }

interface Shown {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly legends: readonly (readonly [legend: string, value: number])[]
}

/** What a panel shows now; each column of a table counts as a panel of its own. */
async function shownBy(
  prometheus: Prometheus,
  panel: PanelFile,
  chosen: Readonly<Record<string, string>> = everything,
): Promise<readonly Shown[]> {
  const shown: Shown[] = []
  for (const { expr, legendFormat } of panel.targets ?? []) {
    const samples = await prometheus.query(filledIn(expr, { ...chosen, ...grafanas }))
    const isTable = panel.type === 'table'
    const legend = isTable ? '{{route}}' : legendFormat
    const legends = samples.map(({ labels, value }) => [rendered(legend, labels), value] as const)
    const name = isTable ? `${panel.title}: ${legendFormat}` : panel.title
    const same = shown.findIndex((other) => other.name === name)
    const before = shown[same]
    if (before === undefined) shown.push({ name, samples, legends })
    else
      shown[same] = {
        name,
        samples: [...before.samples, ...samples],
        legends: [...before.legends, ...legends],
      }
  }
  return shown
}

/** The legend of a series. A label that the series does not have, and that no alert may lack, fails. */
function rendered(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => {
    const value = labels[name]
    if (value === undefined && labels['alertname'] === undefined) {
      throw new Error(`no label ${name} for the legend ${legend}: ${JSON.stringify(labels)}`)
    }
    return value ?? ''
  })
}

/** What is wrong with what a panel shows, in words; nothing when it is right. */
function problemsOf({ name, legends }: Shown, expectation: Expectation | undefined): readonly string[] {
  const seen = `${name}: ${JSON.stringify(legends)}`
  if (expectation === undefined) return [`nothing is expected of ${seen}`]
  if (legends.length === 0) return [`${name} shows nothing`]
  if ('runtime' in expectation) {
    return legends.every(([, value]) => Number.isFinite(value)) ? [] : [`not finite: ${seen}`]
  }
  const actual = new Map(legends)
  if ('between' in expectation) {
    return Object.entries(expectation.between).flatMap(([legend, [low, high]]) => {
      const value = actual.get(legend) ?? Number.NaN
      return value >= low && value <= high ? [] : [`${legend} is not in ${low}..${high}: ${seen}`]
    })
  }
  const isShare = 'shares' in expectation
  const wanted: Readonly<Record<string, number>> = isShare ? expectation.shares : expectation.values
  const unit = isShare ? legends.reduce((sum, [, value]) => sum + value, 0) : 1
  const tolerance = isShare ? 0.2 : 0.02
  const wrong = Object.entries(wanted).flatMap(([legend, value]) => {
    const found = (actual.get(legend) ?? Number.NaN) / unit
    return Math.abs(found - value) <= Math.abs(value) * tolerance
      ? []
      : [`${legend} is not ${value}: ${seen}`]
  })
  const unwanted = legends.filter(([legend, value]) => !(legend in wanted) && value !== 0)
  return [...wrong, ...unwanted.map(([legend]) => `${legend} should not be there: ${seen}`)]
}

/** The recordings of one thing over every window. */
const recorded = (name: string): string => `{__name__=~"job_route:ringback_${name}_rate.+", route="calls"}`

/** Everything has been scraped, and every group of rules (each has a beat of its own) was evaluated on it. */
async function untilSettled(prometheus: Prometheus): Promise<void> {
  await prometheus.until('ringback_deliveries_in_flight == 3')
  await prometheus.until(`count((${recorded('delivery_failures_per_delivery:ratio')} > 0.099) < 0.101) == 7`)
  await prometheus.until(`count(${recorded('responses_in_time_per_response:ratio')} < 0.99) == 7`)
  await prometheus.until(`count(${recorded('response_duration_seconds:p95')} > 1.5) == 7`)
  const alerts = 'RingbackConsecutiveFailures|RingbackDeadlineMisses|RingbackLedgerWritesFailing'
  await prometheus.until(`count(ALERTS{alertstate="firing", alertname=~"${alerts}"}) == 3`)
}

test.runIf(hasTool('prometheus'))(
  'every panel of every dashboard shows the right values on a real Prometheus',
  async () => {
    await using server = await serveMetrics()
    warmUp(server.metrics)
    await using prometheus = await Prometheus.start({
      target: server.address,
      rules: ['prometheus/recording.yml', 'prometheus/alerts.yml'],
    })
    await prometheus.until('ringback_callbacks_received_total{event="message.inbound"} == 1')
    play(server.metrics)
    await untilSettled(prometheus)

    const problems: string[] = []
    for (const dashboard of dashboardFiles()) {
      problems.push(
        ...(await wrongPanels(prometheus, dashboard)),
        ...(await wrongVariables(prometheus, dashboard)),
      )
      problems.push(...(await wrongChoices(prometheus, dashboard)))
      const [firing] = dashboard.annotations.list
      const marks = await prometheus.query(filledIn(firing?.expr ?? '', everything))
      expect(marks.map(({ labels }) => labels)).toEqual([{ route: 'calls', rule: 'consecutive_failures' }])
    }
    expect(problems).toEqual([])

    for (const { labels, annotations } of await prometheus.alerts()) {
      expect(labels['severity']).toMatch(/^(critical|warning)$/)
      for (const text of Object.values(annotations))
        expect(text).not.toMatch(/error (executing|expanding)|no value|\{\{/)
    }
  },
)

async function wrongPanels(prometheus: Prometheus, dashboard: DashboardFile): Promise<readonly string[]> {
  const wanted = expected[dashboard.file] ?? {}
  const shown = (await Promise.all(dataPanels(dashboard).map((panel) => shownBy(prometheus, panel)))).flat()
  const names = new Set(shown.map(({ name }) => name))
  return [
    ...shown.flatMap((panel) => problemsOf(panel, wanted[panel.name])),
    ...Object.keys(wanted).flatMap((name) =>
      names.has(name) ? [] : [`no panel ${name} in ${dashboard.file}`],
    ),
  ].map((problem) => `${dashboard.file}: ${problem}`)
}

/** Variables offer what there is. */
async function wrongVariables(prometheus: Prometheus, dashboard: DashboardFile): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const variable of dashboard.templating.list) {
    if (variable.type !== 'query' || typeof variable.query === 'string') continue
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(variable.query.query) ?? []
    const offered = await prometheus.labelValues(label, filledIn(selector, everything))
    const isRight =
      variable.name === 'route' ? routes.every((route) => offered.includes(route)) : offered.length > 0
    if (!isRight) wrong.push(`${dashboard.file}: $${variable.name} offers ${offered.join(', ')}`)
  }
  return wrong
}

/** Whatever route and target is chosen, panels can be evaluated and show no other route. */
async function wrongChoices(prometheus: Prometheus, dashboard: DashboardFile): Promise<readonly string[]> {
  const choices = routes.flatMap((route) => [
    { ...everything, route, target: 'primary' },
    { ...everything, route, target: 'fallback' },
  ])
  const wrong: string[] = []
  for (const choice of choices) {
    const panels = dataPanels(dashboard).filter(({ title }) => title !== 'Prometheus alerts')
    const shown = (await Promise.all(panels.map((panel) => shownBy(prometheus, panel, choice)))).flat()
    for (const { name, samples } of shown) {
      const others = samples.filter(({ labels }) => (labels['route'] ?? choice.route) !== choice.route)
      if (others.length > 0) wrong.push(`${dashboard.file}: ${name} ignores the choice of ${choice.route}`)
    }
  }
  return wrong
}
