import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser } from '../support/browser.ts'
import { faults, goTo, settled, usePages } from '../support/page-rig.ts'
import { pageToken, readToken, type Stage, startStage } from '../support/page-stage.ts'

// What each screen says when it has nothing to show, or no answer, or no permission. All of it is text that everybody
// can read, in light and in dark.

/** Files of screens. */
const SCREENS = 17
const COLOURS = ['color-contrast', 'link-in-text-block']
const pages = usePages()

/** Goes to each place, waits for what is to be read there, and tells what is wrong with it. */
async function faultsOfEach(
  page: Page,
  places: readonly (readonly [place: string, says: string])[],
): Promise<readonly string[]> {
  const found: string[] = []
  for (const [place, says] of places) {
    await goTo(page, place)
    await settled(page)
    await page.getByText(says).first().waitFor()
    await page.emulateMedia({ colorScheme: 'light' })
    for (const fault of await faults(page)) found.push(`${place} ${fault}`)
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const fault of await faults(page, COLOURS)) found.push(`dark ${place} ${fault}`)
    if ((await page.locator('h1').count()) !== 1) found.push(`${place} has not one heading`)
  }
  return found
}

describe.runIf(hasBrowser)('screens with nothing to show', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('say why it is empty, or that there is no such thing, or what was not understood', async () => {
    const page = await pages.open(stage)
    const found = await faultsOfEach(page, [
      ['#/live', 'Nothing has come yet'],
      ['#/search', 'The ledger is empty'],
      ['#/search?q=class:nonsense', 'class: knows ok'],
      ['#/search?q=since:nonsense', 'must be a duration such as 2h'],
      ['#/routes', 'Nothing came in this window'],
      ['#/incidents', 'Nothing fires'],
      ['#/silences', 'No silences'],
      ['#/notifications', 'Nobody was told anything yet'],
      ['#/rules?route=billing', 'Too little to say'],
      ['#/dead-letters', 'No dead letters'],
      ['#/dead-letters?route=billing', 'No dead letters of this route'],
      ['#/replays', 'Nothing was sent again yet'],
      ['#/configuration?find=no-such-setting', 'No setting fits'],
      ['#/status', 'Takes rows'],
      ['#/reconciliation', 'Call records are not read'],
      ['#/start', 'A first callback'],
      ['#/callbacks/01KAJ0000000000000000000AA', 'it may have been pruned'],
      ['#/callbacks/not-an-id', 'Not understood'],
      ['#/calls/no-such-call', 'No callback belongs to this call id'],
      ['#/incidents/01KAJ0000000000000000000AA', 'Not found'],
      ['#/replays/01KAJ0000000000000000000AA', 'Not found'],
      ['#/no-such-screen', 'There is no such screen'],
    ])
    expect(found).toEqual([])
    // What cannot be had leads to where it can be looked for.
    await goTo(page, '#/calls/no-such-call')
    await page.getByRole('link', { name: 'To the search' }).click()
    await page.getByRole('heading', { name: 'Search' }).waitFor()
  })

  it('say which filter left nothing over, and take it away', async () => {
    await stage.send({ event: 'call.initiated', callId: 'one', application: 'support-line' })
    const page = await pages.open(stage, '#/live?show=failed')
    const found = await faultsOfEach(page, [
      ['#/live?show=failed', 'Callbacks came, but none that fits'],
      ['#/search?q=route:support-line+is:failed', 'There is something to be found without'],
      ['#/search?q=route:billing+is:failed+has:retry', 'No single word is to blame'],
    ])
    expect(found).toEqual([])
    await page.getByRole('button', { name: 'Failed today' }).click()
    await page.getByRole('button', { name: 'Without is:failed' }).click()
    await page.getByText('1 callback, that is all').waitFor()
    await goTo(page, '#/live?show=failed')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('listitem').filter({ hasText: 'support-line' }).waitFor()
  })

  it('ask for the same only once while they open', async () => {
    const page = await pages.open(stage, '#/status')
    const asked: string[] = []
    page.on('request', (request) =>
      asked.push(new URL(request.url()).pathname + new URL(request.url()).search),
    )
    for (const [place, first] of [
      ['#/search?q=route:support-line', '/api/v1/callbacks?route=support-line&limit=100'],
      ['#/routes', '/api/v1/routes?window=24h'],
      ['#/calls/one', '/api/v1/calls/one'],
      ['#/incidents', '/api/v1/incidents?limit=200'],
      ['#/dead-letters', '/api/v1/dead-letters?limit=100'],
      ['#/configuration', '/api/v1/configuration'],
    ] as const) {
      await page.goto('about:blank')
      asked.length = 0
      await page.goto(`${stage.ringback.adminUrl}/${place}`)
      await settled(page)
      for (const path of ['/api/v1/session', first]) {
        expect(
          asked.filter((each) => each === path),
          `${place} asks for ${path}`,
        ).toHaveLength(1)
      }
    }
  })
})

describe.runIf(hasBrowser)('screens without an answer', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.send({ event: 'call.initiated', callId: 'before' })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('say that Ringback is away, and show what is there as soon as it is back', async () => {
    const page = await pages.open(stage, '#/live')
    await page.getByText('before').waitFor()
    await everyScreenIsHere(page)
    await stage.ringback.stop()
    await page.getByText('Reconnecting').waitFor()
    await page.getByText('Ringback does not answer').waitFor()
    await page.getByText('before').waitFor() // what is known stays
    const found = await faultsOfEach(
      page,
      ['#/search', '#/silences', '#/configuration', '#/start', '#/calls/before'].map(
        (place) => [place, 'Ringback does not answer'] as const,
      ),
    )
    expect(found).toEqual([])
    await page.getByRole('heading', { name: 'No answer' }).waitFor()
    await stage.startAgain()
    await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
    await page.getByText('Connected').waitFor()
    await page.getByText('Ringback does not answer').waitFor({ state: 'detached' })
  })

  it('keep the menu when the file of a screen cannot be fetched, and try again', async () => {
    const page = await pages.open(stage, '#/status')
    pages.allow('routes-screen') // the browser says so, too
    await page.route('**/assets/routes-screen*', (route) => route.abort())
    await page.getByRole('link', { name: 'Routes' }).first().click()
    await page.getByRole('heading', { name: 'This screen cannot be shown' }).waitFor()
    expect(await faults(page)).toEqual([])
    await page.unroute('**/assets/routes-screen*')
    await page.getByRole('button', { name: 'Load the page again' }).click()
    await page.getByRole('article', { name: 'Route billing' }).waitFor()
  })
})

describe.runIf(hasBrowser)('screens for those who may only look', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ withToken: true })
    await stage.send({ event: 'call.initiated', callId: 'seen' })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('say what a button needs, and what the port says when one is pressed all the same', async () => {
    const page = await pages.open(stage, '#/silences')
    await signIn(page, readToken)
    await page.getByText('desk').waitFor()
    const changes: string[] = []
    page.on('request', (request) => {
      if (request.method() !== 'GET') changes.push(request.url())
    })
    for (const [place, name, role] of [
      ['#/silences', 'New silence', 'replay'],
      ['#/notifications', 'Send a test message', 'replay'],
      ['#/start', 'Send a test callback', 'replay'],
      ['#/configuration', 'Reload', 'admin'],
    ] as const) {
      await goTo(page, place)
      const button = page.getByRole('button', { name })
      await button.waitFor()
      expect([await button.isDisabled(), await button.getAttribute('title')]).toEqual([
        true,
        `Needs the role ${role}`,
      ])
      await button.focus()
      await page.keyboard.press('Enter')
      expect(await faults(page)).toEqual([])
    }
    expect(changes).toEqual([])
    // A page that was opened when the token could do more.
    await page.route('**/api/v1/session', (route) =>
      route.fulfill({ json: { needs_token: true, name: 'desk', role: 'admin' } }),
    )
    await page.reload()
    await goTo(page, '#/notifications')
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await page.getByText('This needs the role replay; the token desk has read.').waitFor()
  })

  it('ask for the token again where they were, when the session is over', async () => {
    const page = await pages.open(stage, '#/calls/seen')
    await signIn(page, pageToken)
    await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
    await stage.ringback.stop()
    await stage.startAgain() // sessions do not outlive it
    await page.getByLabel('Token').waitFor()
    expect(await faults(page)).toEqual([])
    await signIn(page, pageToken)
    await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
  })

  it('say when to come back after too many wrong tokens', async () => {
    const page = await pages.open(stage)
    for (let wrong = 0; wrong < 10; wrong++) {
      await fetch(`${stage.ringback.adminUrl}/api/v1/status`, { headers: { authorization: 'Bearer wrong' } })
    }
    await page.getByLabel('Token').fill(pageToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByText(/Too many wrong tokens; try again in \d+ s/).waitFor()
    expect(await faults(page)).toEqual([])
  })
})

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByLabel('Token').press('Enter')
  await page.getByLabel('Token').waitFor({ state: 'detached' })
}

/** Screens are fetched a moment after the first one; without them nothing can be shown while the daemon is away. */
async function everyScreenIsHere(page: Page): Promise<void> {
  const here = `performance.getEntriesByType('resource').filter(({ name, responseEnd }) =>
    /-screen-[^/]*\\.js$/.test(name) && responseEnd > 0).length`
  await expect.poll(() => page.evaluate<number>(here), { timeout: 10_000 }).toBe(SCREENS)
}
