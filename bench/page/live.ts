// node bench/page/live.ts: does the Live screen stutter, or leave anything out, at 1,000 callbacks a second? See
// bench/README.md.
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import type { Page } from 'playwright-core'

import { startBrowser } from '../../test/support/browser.ts'
import { startOneDaemon } from '../measure/one-daemon.ts'
import { tableOf } from '../report/table.ts'

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '0,100,1000' },
    seconds: { type: 'string', default: '8' },
  },
})
const SECONDS = Number(values.seconds)
/** Two frames of 60 a second in a row that did not come can be seen. */
const STUTTER_MS = 50

interface Watched {
  readonly gaps: readonly number[]
  readonly tasks: readonly number[]
}

/** Runs in the page: times between frames, and tasks above 50 ms (https://w3c.github.io/longtasks). */
const WATCH = `(() => {
  const gaps = []
  const tasks = []
  let last = performance.now()
  let isOver = false
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const frame = (now) => {
    gaps.push(now - last)
    last = now
    if (!isOver) requestAnimationFrame(frame)
  }
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame) })
  globalThis.stopWatching = () => {
    isOver = true
    observer.disconnect()
    return { gaps, tasks }
  }
})()`

execFileSync(process.execPath, ['scripts/build-page.ts', '--if-stale'])
const { adminUrl, send } = await startOneDaemon({ durability: 'background' })
const browser = await startBrowser()
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.goto(adminUrl)
await page.locator('.live-line[data-row]').first().waitFor()
await send(1000, 2) // not counted: the daemon and the page warm up
const rows: string[][] = []
for (const rate of values.rates.split(',').map(Number)) rows.push(await watched(page, rate))
console.log(`the Live screen in headless Chromium, drawn by software, ${SECONDS} s each\n`)
console.log(
  tableOf(
    [
      'callbacks/s',
      'frames/s',
      'gap p99, ms',
      'longest gap',
      `gaps > ${STUTTER_MS} ms`,
      'long tasks',
      'longest',
      'told',
      'shown',
      'twice',
    ],
    rows,
  ),
)
await browser.close()
process.exit(0)

async function watched(live: Page, rate: number): Promise<string[]> {
  const before = await counted(live)
  await live.evaluate(WATCH)
  const sent = rate === 0 ? 0 : await send(rate, SECONDS).then(({ answered }) => answered)
  if (rate === 0) await sleep(SECONDS * 1000)
  const { gaps, tasks } = await live.evaluate<Watched>('globalThis.stopWatching()')
  await sleep(500) // what is gathered is drawn
  const shown = (await counted(live)) - before
  const sorted = gaps.toSorted((a, b) => a - b)
  return [
    String(rate),
    (gaps.length / SECONDS).toFixed(0),
    (sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN).toFixed(0),
    (sorted.at(-1) ?? Number.NaN).toFixed(0),
    String(gaps.filter((gap) => gap > STUTTER_MS).length),
    String(tasks.length),
    Math.max(0, ...tasks).toFixed(0),
    String(sent),
    String(shown),
    String(await twice(live)),
  ]
}

/** What the page says came in the last five minutes, and what it says it left out. */
async function counted(live: Page): Promise<number> {
  const text = (await live.locator('.rate-facts dd').first().textContent()) ?? ''
  return Number(text.replaceAll(/\D/g, ''))
}

function twice(live: Page): Promise<number> {
  return live.evaluate<number>(`(() => {
    const ids = [...document.querySelectorAll('.live-line[data-row]')].map((row) => row.getAttribute('href'))
    return ids.length - new Set(ids).size
  })()`)
}
