import { fixed, whole } from './numbers.ts'
import type { Spread } from './statistics.ts'
import type { Summary } from './summary.ts'

/** The table of docs/performance.md. @param baseName the contender whose requests/s the others are a multiple of */
export function markdownTable(
  summaries: readonly Summary[],
  rates: readonly number[],
  baseName: string,
): string {
  const named = (name: string): Summary | undefined => summaries.find(({ contender }) => contender === name)
  const [direct, base, nginx] = [named('direct'), named(baseName), named('nginx')]
  const head = [
    'proxy',
    'requests/s (min–max)',
    `× ${baseName}`,
    'CPU µs/request (main + ledger)',
    nginx === undefined ? `less than ${baseName}` : '× nginx',
    'RSS MiB (peak)',
    ...rates.map((rate) => `p50 / p99 added at ${rate}/s, ms`),
    'errors',
  ]
  const rows = summaries.map((row) => [
    `${row.contender} (${row.does})`,
    `${whole(row.perSecond.median)} (${whole(row.perSecond.min)}–${whole(row.perSecond.max)})`,
    ratio(row.perSecond, base?.perSecond),
    cpuCell(row),
    nginx === undefined ? saved(row, base) : ratio(row.cpuUs, nginx.cpuUs),
    Number.isNaN(row.rssMiB.median) ? '–' : `${whole(row.rssMiB.median)} (${whole(row.peakRssMiB)})`,
    ...row.latency.map(({ p50, p99 }, i) => latencyCell(row, p50, p99, direct?.latency[i])),
    String(row.errors + row.notForwarded),
  ])
  return tableOf(head, rows)
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cpuCell({ cpuUs, mainUs, ledgerUs }: Summary): string {
  if (!Number.isFinite(cpuUs.median)) return '–'
  const parts = ledgerUs.median > 0 ? ` (${fixed(mainUs.median, 0)} + ${fixed(ledgerUs.median, 0)})` : ''
  return `${fixed(cpuUs.median, 0)}${parts}`
}

/** What a contender that lacks a part saves: the cost of that part. */
function saved(row: Summary, base: Summary | undefined): string {
  if (base === undefined || row === base) return '–'
  const us = base.cpuUs.median - row.cpuUs.median
  return Number.isFinite(us) ? `${fixed(us, 0)} µs (${fixed((100 * us) / base.cpuUs.median, 0)} %)` : '–'
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

function ratio(value: Spread, against: Spread | undefined): string {
  return against === undefined ? '–' : fixed(value.median / against.median, 2)
}
