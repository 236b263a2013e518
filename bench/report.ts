import type { Contender } from './contenders.ts'
import type { Sample } from './rounds.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What the rounds came to for one contender. */
export interface Summary {
  readonly contender: string
  readonly does: string
  readonly perSecond: Spread
  readonly cpuUs: Spread
  readonly rssMiB: Spread
  readonly peakRssMiB: number
  /** Latency in milliseconds at each open-loop rate. */
  readonly latency: readonly { readonly rate: number; readonly p50: Spread; readonly p99: Spread }[]
  readonly errors: number
  /** Answered requests that never reached the upstream. */
  readonly notForwarded: number
}

/** Share of the machine taken by others above which a window is left out, if enough quiet ones remain. */
const NOISY = 0.1

export function summarise(contender: Contender, all: readonly Sample[], rates: readonly number[]): Summary {
  const own = all.filter((sample) => sample.contender === contender.name)
  const saturated = clean(own.filter((sample) => sample.rate === 0))
  return {
    contender: contender.name,
    does: contender.does,
    perSecond: spreadOf(saturated.map(({ window }) => window.answered / window.seconds)),
    cpuUs: spreadOf(saturated.map(({ cpuUs }) => cpuUs)),
    rssMiB: spreadOf(own.map(({ rssMiB }) => rssMiB)),
    peakRssMiB: Math.max(...own.map(({ peakRssMiB }) => peakRssMiB)),
    latency: rates.map((rate) => {
      const paced = clean(own.filter((sample) => sample.rate === rate))
      return {
        rate,
        p50: spreadOf(paced.map(({ window }) => window.p50)),
        p99: spreadOf(paced.map(({ window }) => window.p99)),
      }
    }),
    errors: sum(own.map(({ window }) => window.errors)),
    notForwarded: sum(own.map(({ window, forwarded }) => Math.max(0, window.answered - forwarded))),
  }
}

/** The windows in which the machine was left alone; when those are less than half, the quieter half. */
function clean(samples: readonly Sample[]): Sample[] {
  const byNoise = samples.toSorted((a, b) => a.foreignShare - b.foreignShare)
  const quiet = byNoise.filter(({ foreignShare }) => foreignShare <= NOISY)
  return byNoise.slice(0, Math.max(quiet.length, Math.ceil(samples.length / 2)))
}

/** The table of docs/performance.md. */
export function markdownTable(summaries: readonly Summary[], rates: readonly number[]): string {
  const base = summaries.find(({ contender }) => contender === 'direct')
  const against = (name: string): Summary | undefined => summaries.find(({ contender }) => contender === name)
  const head = [
    'proxy',
    'requests/s (min–max)',
    '× fastify-http-proxy',
    'CPU µs/request',
    '× nginx',
    'RSS MiB (peak)',
    ...rates.map((rate) => `p50 / p99 added at ${rate}/s, ms`),
    'errors',
  ]
  const rows = summaries.map((row) => [
    `${row.contender} (${row.does})`,
    `${whole(row.perSecond.median)} (${whole(row.perSecond.min)}–${whole(row.perSecond.max)})`,
    ratio(row.perSecond, against('fastify-http-proxy')?.perSecond),
    fixed(row.cpuUs.median, 0),
    ratio(row.cpuUs, against('nginx')?.cpuUs),
    Number.isNaN(row.rssMiB.median) ? '–' : `${whole(row.rssMiB.median)} (${whole(row.peakRssMiB)})`,
    ...row.latency.map(({ p50, p99 }, i) => latencyCell(row, p50, p99, base?.latency[i])),
    String(row.errors + row.notForwarded),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Added over direct; the direct row shows the plain figures it is taken from. */
function latencyCell(
  row: Summary,
  p50: Spread,
  p99: Spread,
  base: Summary['latency'][number] | undefined,
): string {
  if (base === undefined || row.contender === 'direct') {
    return `(${fixed(p50.median, 2)} / ${fixed(p99.median, 2)} itself)`
  }
  return `${fixed(p50.median - base.p50.median, 2)} / ${fixed(p99.median - base.p99.median, 2)}`
}

/** What a reader must know before believing the table. */
export function caveats(summaries: readonly Summary[], samples: readonly Sample[]): string[] {
  const found: string[] = []
  const proxies = summaries.filter(({ contender }) => contender !== 'direct')
  const ceiling = summaries.find(({ contender }) => contender === 'direct')?.perSecond.median ?? Number.NaN
  const near = proxies.filter(({ perSecond }) => perSecond.median * 3 > ceiling)
  if (near.length > 0) {
    const names = near.map(
      ({ contender, perSecond }) => `${contender} ${fixed(ceiling / perSecond.median, 1)}`,
    )
    found.push(
      `Generator and upstream alone reach ${whole(ceiling)}/s. That is less than 3 × the figure of some (${names.join(', ')}), which are held back by it: compare their CPU, not their requests/s.`,
    )
  }
  const noisy = samples.filter(({ foreignShare }) => foreignShare > NOISY).length
  if (noisy > 0) {
    const worst = Math.max(...samples.map(({ foreignShare }) => foreignShare))
    found.push(
      `In ${noisy} of ${samples.length} windows other processes took more than ${NOISY * 100} % of the machine (up to ${fixed(worst * 100, 0)} %). The figures stand on the quiet windows, or on the quieter half where few were quiet; CPU suffers least from such noise.`,
    )
  }
  const late = sum(samples.filter(({ rate }) => rate === 0).map(({ window }) => window.signedLate))
  if (late > 0)
    found.push(`${late} requests were signed inside a window, which slows the generator a little.`)
  for (const { contender, errors, notForwarded } of summaries) {
    if (errors > 0) found.push(`${contender}: ${errors} requests were not answered with 200.`)
    if (notForwarded > 0) found.push(`${contender}: ${notForwarded} answers without a forwarded request.`)
  }
  return found
}

function ratio(value: Spread, against: Spread | undefined): string {
  return against === undefined ? '–' : fixed(value.median / against.median, 2)
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–'
}

function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–'
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
