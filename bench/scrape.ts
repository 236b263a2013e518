// node bench/scrape.ts: for how long a scrape of 2,000 routes with two targets keeps the main thread at a stretch.
// Processor time of the thread, not time on the clock, so that other work on the machine does not count.
import { createMetrics } from '../src/metrics/create-metrics.ts'
import { routeNamed } from '../test/support/metric-samples.ts'

const ROUTES = 2_000
const SCRAPES = 5

const metrics = createMetrics({ version: 'bench' })
metrics.setRoutes(Array.from({ length: ROUTES }, (_, n) => routeNamed(`route-${n}`)))
for (let scrape = 1; scrape <= SCRAPES; scrape += 1) {
  const stretches: number[] = []
  let bytes = 0
  let start = process.threadCpuUsage()
  for await (const piece of metrics.chunks()) {
    bytes += Buffer.from(piece).length
    const { user, system } = process.threadCpuUsage(start)
    stretches.push((user + system) / 1000)
    start = process.threadCpuUsage()
  }
  const longest = Math.max(...stretches).toFixed(1)
  process.stdout.write(
    `${(bytes / 1e6).toFixed(0)} MB in ${stretches.length} pieces, longest ${longest} ms\n`,
  )
}
