import { fixed, whole } from './numbers.ts'
import type { Summary } from './summary.ts'
import { tableOf } from './table.ts'

/**
 * Where the processor time went at saturation: proxy and load share the cores here, so that neither figure says
 * anything without the other.
 */
export function crewTable(summaries: readonly Summary[], cores: number): string {
  const head = [
    'contender',
    'requests/s',
    'cores of the proxy',
    `cores of generator and upstream, of ${cores}`,
    'µs a request: proxy',
    'main thread of the first process',
    'it alone would allow, requests/s',
  ]
  const rows = summaries.map(({ contender, perSecond, cpuUs, rootUs, loadUs }) => [
    contender,
    whole(perSecond.median),
    fixed((cpuUs.median * perSecond.median) / 1e6, 2),
    fixed((loadUs.median * perSecond.median) / 1e6, 2),
    fixed(cpuUs.median, 0),
    fixed(rootUs.median, 0),
    whole(1e6 / rootUs.median),
  ])
  return tableOf(head, rows)
}
