// node bench/page/cold-start.ts FILE: from opening the page on a big ledger to its first rows. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

import type { Browser } from 'playwright-core'

import { startBrowser } from '../../test/support/browser.ts'
import { startOneDaemon } from '../measure/one-daemon.ts'
import { openForReading } from '../../src/ledger/sqlite/database.ts'
import { createReaderStore } from '../../src/ledger/sqlite/reader-store.ts'
import { tableOf } from '../report/table.ts'

const ROUNDS = 5
const PATIENCE_MS = 20_000

const [path] = process.argv.slice(2)
if (path === undefined || !existsSync(path)) {
  console.error('node bench/page/cold-start.ts FILE')
  process.exit(2)
}
execFileSync(process.execPath, ['scripts/build-page.ts', '--if-stale'])
const places = placesOf(path)
const { adminUrl } = await startOneDaemon({ ledger: path, durability: 'full' })
const browser = await startBrowser()
const rows: string[][] = []
for (const [name, place, selector] of places) {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    forget(path)
    times.push(await firstRows(browser, `${adminUrl}/${place}`, selector))
  }
  const [first = Number.NaN] = times
  const sorted = times.toSorted((a, b) => a - b)
  rows.push(
    [name, first, sorted[Math.floor(ROUNDS / 2)] ?? Number.NaN, sorted.at(-1) ?? Number.NaN].map(cell),
  )
}
console.log(
  `from navigation to the first row that is drawn, ${ROUNDS} visits each, ledger not in memory, no cache\n`,
)
console.log(tableOf(['screen', 'first visit, ms', 'median, ms', 'longest, ms'], rows))
await browser.close()
process.exit(0)

function cell(value: string | number): string {
  return typeof value === 'string' ? value : value.toFixed(0)
}

/** What is opened, and what its first row looks like. */
function placesOf(file: string): readonly (readonly [name: string, place: string, selector: string])[] {
  const { rows: found } = createReaderStore(openForReading(file)).callbacks({ limit: 1, failed: true })
  const [callback] = found
  if (callback === undefined) throw new Error(`${file} holds no failed callback`)
  return [
    ['Live', '', '.live-line[data-row]'],
    ['Search, all', '#/search', 'a[data-row]'],
    ['Search, failures of a route', `#/search?q=is%3Afailed+route%3A${callback.route}`, 'a[data-row]'],
    ['Routes', '#/routes', '.route-card'],
    ['A call', `#/calls/${callback.call_id}`, 'a[href^="#/callbacks/"]'],
    ['A callback', `#/callbacks/${callback.id}`, '.waterfall'],
  ]
}

/** Takes the file out of the memory of the kernel, as after a start of the machine. */
function forget(file: string): void {
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], {
    stdio: 'ignore',
  })
}

/** A browser that has never been here; timed by the page itself, until the frame after the row came. */
async function firstRows(browser: Browser, url: string, selector: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    await page.addInitScript({
      content: `(() => {
        const look = () => document.querySelector(${JSON.stringify(selector)}) === null
          ? requestAnimationFrame(look)
          : requestAnimationFrame(() => { globalThis.firstRowsAt = performance.now() })
        requestAnimationFrame(look)
      })()`,
    })
    await page.goto(url)
    await page.waitForFunction('globalThis.firstRowsAt !== undefined', undefined, { timeout: PATIENCE_MS })
    return await page.evaluate<number>('globalThis.firstRowsAt')
  } finally {
    await context.close()
  }
}
