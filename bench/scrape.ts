// node bench/scrape.ts: for how long a scrape of 2,000 routes with two targets keeps the main thread at a stretch.
// `work` is processor time of the thread between two turns of the event loop, so that other work on the machine does not
// count; `wall` is the longest time that the event loop was away, as a callback would feel it: only for a quiet machine.
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
  const watch = watchEventLoop()
  for await (const piece of metrics.chunks()) {
    bytes += Buffer.from(piece).length
    const { user, system } = process.threadCpuUsage(start)
    stretches.push((user + system) / 1000)
    start = process.threadCpuUsage()
  }
  const wall = watch.stop()
  const work = Math.max(...stretches).toFixed(1)
  process.stdout.write(
    `${(bytes / 1e6).toFixed(0)} MB in ${stretches.length} pieces; longest: work ${work} ms, wall ${wall.toFixed(1)} ms\n`,
  )
}

/** The longest time between two turns of the event loop until it is stopped, milliseconds. */
function watchEventLoop(): { stop(): number } {
  let longest = 0
  let last = performance.now()
  let isOver = false
  const turn = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop() {
      isOver = true
      return longest
    },
  }
}
