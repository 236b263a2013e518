import type { IncidentRow } from '../../ledger/alert-store.ts'
import type { RouteSummary } from '../../ledger/rows.ts'
import type { Message } from '../../notify/notifier.ts'
import { messageOf } from './message.ts'
import { longest, type Story } from './story.ts'
import { counted, durationWords, timeWords } from './words.ts'

/** What a summary tells of: a stretch of time, its routes and the incidents that were open in it. */
export interface SummaryPeriod {
  readonly every: 'daily' | 'weekly'
  readonly from: number
  readonly to: number
  readonly routes: readonly RouteSummary[]
  readonly incidents: readonly IncidentRow[]
  /** Callbacks that were given up and wait for people to decide, by route. */
  readonly dead: readonly { readonly route: string; readonly dead: number }[]
  /** Address of the admin page as people reach it; undefined without one. */
  readonly linkUrl: string | undefined
}

const ROUTE_WIDTH = 24
const NAMES_SHOWN = 12
const SLOWEST_SHOWN = 5

/** The daily or weekly summary. Its id names the end of the period, so that it is not sent twice. */
export function summaryMessage(period: SummaryPeriod): Message {
  const id = `${period.every === 'daily' ? 'summary' : 'weekly'}-${new Date(period.to).toISOString().slice(0, 10)}`
  return messageOf({ id, incidentId: '', kind: 'summary', severity: 'info' }, summaryStory(period))
}

function summaryStory({ every, from, to, routes, incidents, dead, linkUrl }: SummaryPeriod): Story {
  const callbacks = sum(routes, ({ callbacks }) => callbacks)
  const failed = sum(routes, ({ failed }) => failed)
  const day = new Date(to).toISOString().slice(0, 10)
  const rate = successRate(callbacks, failed)
  const open = incidents.filter(({ closed_at }) => closed_at === null)
  return {
    tone: open.length > 0 ? 'critical' : failed > 0 ? 'warning' : 'good',
    subject: `${every === 'daily' ? '[SUMMARY]' : '[WEEKLY SUMMARY]'} ${day}: ${rate} of ${counted(callbacks, 'callback')} delivered`,
    headline: `Callbacks until ${day}: ${rate} delivered`,
    lead: `${counted(callbacks, 'callback')} in ${durationWords(to - from)}, ${failed} failed; ${counted(incidents.length, 'incident')}, ${open.length} still open.`,
    facts: [
      ['From', timeWords(from)],
      ['To', timeWords(to)],
      ...named('Still failing', open.map(placeOf)),
      ...named('Had incidents', [...new Set(incidents.filter((row) => row.closed_at !== null).map(placeOf))]),
      ...named('Slowest (95 % within)', slowest(routes)),
      ...named(
        'Dead letters',
        dead.flatMap(({ route, dead: count }) => (count > 0 ? [`${route} ${count}`] : [])),
      ),
      ...named(
        'Quiet routes',
        routes.filter((row) => row.callbacks === 0).map(({ route }) => route),
      ),
    ],
    list: { title: 'Routes, worst first', lines: routeTable(routes.filter((row) => row.callbacks > 0)) },
    commands: ['ringback status', 'ringback list --failed'],
    link: linkUrl,
    footer: 'Ringback summary',
  }
}

function slowest(routes: readonly RouteSummary[]): string[] {
  return routes
    .filter(({ p95_ms }) => p95_ms !== null)
    .toSorted((a, b) => (b.p95_ms ?? 0) - (a.p95_ms ?? 0))
    .slice(0, SLOWEST_SHOWN)
    .map(({ route, p95_ms }) => `${route} ${ms(p95_ms)}`)
}

function routeTable(routes: readonly RouteSummary[]): string[] {
  if (routes.length === 0) return []
  const sorted = routes.toSorted(
    (a, b) => b.failed / b.callbacks - a.failed / a.callbacks || b.callbacks - a.callbacks,
  )
  const shown = sorted.slice(0, longest.lines - 2)
  const rest = sorted.length - shown.length
  return [
    row('route', ['callbacks', 'failed', 'ok', 'p50', 'p95', 'p99']),
    ...shown.map((route) =>
      row(route.route, [
        String(route.callbacks),
        String(route.failed),
        successRate(route.callbacks, route.failed),
        ms(route.p50_ms),
        ms(route.p95_ms),
        ms(route.p99_ms),
      ]),
    ),
    ...(rest > 0 ? [`and ${counted(rest, 'more route')}`] : []),
  ]
}

function row(route: string, cells: readonly string[]): string {
  const name = route.length > ROUTE_WIDTH ? `${route.slice(0, ROUTE_WIDTH - 1)}…` : route
  return name.padEnd(ROUTE_WIDTH) + cells.map((cell) => cell.padStart(10)).join('')
}

/** Rounded down, so that 100 % means that nothing failed. */
function successRate(callbacks: number, failed: number): string {
  if (callbacks === 0) return '-'
  return `${(Math.floor((1 - failed / callbacks) * 10_000) / 100).toFixed(2)} %`
}

function ms(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} ms`
}

function named(name: string, values: readonly string[]): [string, string][] {
  if (values.length === 0) return []
  const shown = values.slice(0, NAMES_SHOWN).join(', ')
  return [[name, values.length > NAMES_SHOWN ? `${shown} and ${values.length - NAMES_SHOWN} more` : shown]]
}

function placeOf({ route, target }: IncidentRow): string {
  return [route, target].filter((word) => word !== '').join(' ')
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
