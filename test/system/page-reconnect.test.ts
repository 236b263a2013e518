import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser } from '../support/browser.ts'
import { api, usePages } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { waitFor } from '../support/wait-for.ts'

// The live view over a stop and a start of the daemon: nothing twice, nothing missing.

/** More than the live view reads when it opens, so that it depends on what the stream tells again. */
const MISSED = 230
const pages = usePages()

describe.runIf(hasBrowser)('the live view over a restart of the daemon', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  async function send(name: string, count: number): Promise<void> {
    const calls = Array.from({ length: count }, (_, n) => `${name}-${n}`)
    await Promise.all(calls.map((callId) => stage.send({ event: 'call.initiated', callId })))
  }

  it('says so, comes back by itself, and has each callback of the ledger once', async () => {
    const direct = await pages.open(stage, '#/live')
    // Behind a proxy, which answers while the daemon is away: the browser gives the stream up then.
    const proxied = await pages.open(stage, '#/live')
    for (const page of [direct, proxied]) await page.getByText('Connected').waitFor()
    await send('before', 5)
    for (const page of [direct, proxied]) await page.getByText('before-4').waitFor()
    const { promise: isGivenUp, resolve: giveUp } = Promise.withResolvers<void>()
    await proxied.route('**/api/v1/stream*', async (route) => {
      await route.fulfill({ status: 502, body: 'Bad Gateway' })
      giveUp()
    })
    await stage.ringback.stop()
    for (const page of [direct, proxied]) await page.getByText('Reconnecting').waitFor()
    await stage.startAgain()
    await send('missed', MISSED)
    await isGivenUp
    await proxied.unroute('**/api/v1/stream*')
    for (const page of [direct, proxied]) await page.getByText('Connected').waitFor()
    await send('after', 5)
    const ids = await waitFor('all of them in the ledger', async () => {
      const { rows } = await api<{ rows: { id: string }[] }>(stage, 'callbacks?limit=1000')
      return rows.length === 5 + MISSED + 5 && rows.map(({ id }) => id)
    })
    for (const page of [direct, proxied]) {
      await page.getByText('after-4').waitFor()
      await expect.poll(() => listed(page), { timeout: 10_000 }).toEqual(ids.toSorted())
      expect(await page.getByText('left out').count()).toBe(0)
      expect(await page.getByText('Not all that came').count()).toBe(0)
    }
  })
})

/** The ids of all lines, each as often as it stands there: only those that are seen are in the document. */
function listed(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(async () => {
    const box = document.querySelector('.live-box')
    const places = new Map()
    for (let top = 0; ; top += box.clientHeight / 2) {
      box.scrollTop = top
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      for (const line of box.querySelectorAll('li')) {
        places.set(line.style.transform, line.querySelector('a').hash.split('/').at(-1))
      }
      if (top >= box.scrollHeight - box.clientHeight) break
    }
    box.scrollTop = 0
    return [...places.values()].sort()
  })()`)
}
