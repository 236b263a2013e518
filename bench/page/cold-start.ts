// node bench/page/cold-start.ts FILE: from opening the page on a big ledger to its first rows. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Browser } from 'playwright-core'

import { startBrowser } from '../../test/support/browser.ts'
import { calmResults } from '../measure/calm.ts'
import { startOneDaemon } from '../measure/one-daemon.ts'
import { openForReading } from '../../src/ledger/sqlite/database.ts'
import { createReaderStore } from '../../src/ledger/sqlite/reader-store.ts'
import { tableOf } from '../report/table.ts'

const ROUNDS = 5
const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 50

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
let isCalm = true
for (const [name, place, selector] of places) {
  const found = await calmResults(ROUNDS, async () => {
    forget(path)
    return firstRows(browser, `${adminUrl}/${place}`, selector)
  })
  isCalm &&= found.isCalm
  const sorted = found.results.toSorted((a, b) => a - b)
  rows.push([
    name,
    ...[Math.floor(ROUNDS / 2), ROUNDS - 1].map((at) => (sorted[at] ?? Number.NaN).toFixed(0)),
  ])
}
console.log(
  `from navigation to the first row that is drawn, ${ROUNDS} visits each, ledger not in memory, no cache`,
)
console.log(isCalm ? '' : 'THE MACHINE WAS BUSY: these figures are upper bounds.\n')
console.log(tableOf(['screen', 'median, ms', 'longest, ms'], rows))
await browser.close()
process.exit(0)

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
    for (let look = 0; look < PATIENCE_MS / LOOK_EVERY_MS; look++) {
      const at = await page.evaluate<number | null>('globalThis.firstRowsAt ?? null')
      if (at !== null) return at
      await sleep(LOOK_EVERY_MS)
    }
    throw new Error(`${url} showed no ${selector}`)
  } finally {
    await context.close()
  }
}
