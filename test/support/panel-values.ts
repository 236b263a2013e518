import { filledIn, type PanelFile } from './dashboard-panels.ts'
import type { Prometheus, Sample } from './prometheus.ts'

/** What a panel must show, by legend. */
export type Expectation =
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
  /** Nothing, so that Grafana shows the panel's text for that. */
  | { readonly empty: true }

/** Values of a dashboard's variables. */
export type Choice = Readonly<Record<'job' | 'instance' | 'route' | 'target' | 'event', string>>

/** All of everything of a job; `.+` is what Grafana sends for All. */
export function everythingOf(job: string): Choice {
  return { job, instance: '.+', route: '.+', target: '.+', event: '.+' }
}

const grafanas = { __rate_interval: '1m', __range: '10m', __interval: '15s' }

export interface Shown {
  readonly name: string
  readonly expressions: readonly string[]
  readonly legends: readonly (readonly [legend: string, value: number])[]
  /** The route of each of the legends, where its series has one. */
  readonly routes: readonly (string | undefined)[]
}

/** Reads what panels show at one moment (seconds since the epoch). */
export class PanelReader {
  readonly #prometheus: Prometheus
  readonly #at: number
  /** What does not depend on a variable is asked for once. */
  readonly #answers = new Map<string, Promise<readonly Sample[]>>()

  constructor(prometheus: Prometheus, at: number) {
    this.#prometheus = prometheus
    this.#at = at
  }

  /** Each column of a table counts as a panel of its own. */
  async shownBy(panel: PanelFile, choice: Choice): Promise<readonly Shown[]> {
    const shown = new Map<string, Shown>()
    for (const { expr, legendFormat } of panel.targets ?? []) {
      const samples = await this.samples(expr, choice)
      const isTable = panel.type === 'table'
      const legend = isTable ? '{{route}}' : legendFormat
      const name = isTable ? `${panel.title}: ${legendFormat}` : panel.title
      const before = shown.get(name) ?? { name, expressions: [], legends: [], routes: [] }
      const legends = samples.map(({ labels, value }) => [rendered(legend, labels), value] as const)
      shown.set(name, {
        name,
        expressions: [...before.expressions, expr],
        legends: [...before.legends, ...legends],
        routes: [...before.routes, ...samples.map(({ labels }) => labels['route'])],
      })
    }
    return [...shown.values()]
  }

  samples(expr: string, choice: Choice): Promise<readonly Sample[]> {
    const filled = filledIn(expr, { ...choice, ...grafanas })
    let answer = this.#answers.get(filled)
    if (answer === undefined) {
      answer = this.#prometheus.query(filled, this.#at)
      this.#answers.set(filled, answer)
    }
    return answer
  }
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
export function problemsOf(
  { name, legends }: Shown,
  expectation: Expectation | undefined,
): readonly string[] {
  const seen = `${name}: ${JSON.stringify(legends)}`
  if (expectation === undefined) return [`nothing is expected of ${seen}`]
  if ('empty' in expectation) return legends.length === 0 ? [] : [`not empty: ${seen}`]
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

/** What one variable does to what a panel shows. */
type Effect = 'none' | 'selects' | 'parts' | 'means'

/**
 * What is wrong with what a panel shows for each value of one variable, given what it shows for all of them, at the
 * same moment. A series with the variable's label is the same as before, or gone; a sum is the sum of its parts; a
 * ratio or a quantile lies between those of its parts; all else does not change.
 */
export function problemsOfChoices(
  variable: 'route' | 'target' | 'event',
  all: Shown,
  parts: readonly Shown[],
): readonly string[] {
  const legends = new Set([all, ...parts].flatMap((one) => one.legends.map(([name]) => name)))
  return [...legends].flatMap((legend) => {
    const whole = valueOf(all, legend)
    const values = parts.map((part) => valueOf(part, legend)).filter((value) => value !== undefined)
    const problem = `${all.name}, ${legend}: ${String(whole)} of all, but ${values.join(', ')} by ${variable}`
    return isConsistent(effectOf(variable, all), whole, values, parts.length) ? [] : [problem]
  })
}

function effectOf(variable: string, { expressions, legends, routes }: Shown): Effect {
  const isUsed = expressions.some((expr) => expr.includes(`$${variable}`))
  if (!isUsed) return 'none'
  if (variable === 'route' && legends.length > 0 && routes.every((route) => route !== undefined))
    return 'selects'
  return expressions.some((expr) => /histogram_quantile|\/|max by|time\(\)/.test(expr)) ? 'means' : 'parts'
}

function isConsistent(
  effect: Effect,
  whole: number | undefined,
  values: readonly number[],
  choices: number,
): boolean {
  const known = values.filter((value) => !Number.isNaN(value))
  if (whole === undefined) return known.length === 0
  if (Number.isNaN(whole)) return true
  switch (effect) {
    case 'none':
      return values.length === choices && values.every((value) => isClose(value, whole))
    case 'selects':
      return known.length === 1 && isClose(known[0] ?? Number.NaN, whole)
    case 'parts':
      return isClose(
        known.reduce((sum, value) => sum + value, 0),
        whole,
      )
    case 'means':
      return known.length > 0 && Math.min(...known) <= whole + 1e-6 && Math.max(...known) >= whole - 1e-6
  }
}

function valueOf({ legends }: Shown, legend: string): number | undefined {
  return legends.find(([name]) => name === legend)?.[1]
}

function isClose(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-6 + Math.abs(other) * 1e-6
}
