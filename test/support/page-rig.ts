import axe, { type AxeResults, type RunOptions } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'

import { hasBrowser, openPage, startBrowser, testBrowser, type Watched } from './browser.ts'
import type { Stage } from './page-stage.ts'

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

type PageOptions = Parameters<typeof openPage>[2]

/** One browser for a whole file; whatever a page does that it must not fails the test that it did it in. */
export interface PageRig {
  /** Opens a place of the page, such as `#/routes`. */
  open(stage: Pick<Stage, 'ringback'>, place?: string, options?: PageOptions): Promise<Page>
  openUrl(url: string, options?: PageOptions): Promise<Page>
  /** What the page may write to the console in this test. */
  allow(text: string): void
}

export function usePages(): PageRig {
  let browser: Browser
  let watched: Watched[] = []
  let allowed: string[] = []
  beforeAll(async () => {
    if (!hasBrowser) return
    browser = await startBrowser(testBrowser)
  })
  afterAll(async () => {
    if (hasBrowser) await browser.close()
  })
  afterEach(async () => {
    const isAllowed = (wrong: string): boolean => allowed.some((text) => wrong.includes(text))
    const wrongs = watched.flatMap((each) => each.wrongs).filter((wrong) => !isAllowed(wrong))
    for (const { page } of watched) await page.context().close()
    watched = []
    allowed = []
    if (wrongs.length > 0) throw new Error(`the page did what it must not: ${wrongs.join('\n')}`)
  })
  const openUrl = async (url: string, options: PageOptions = {}): Promise<Page> => {
    const opened = await openPage(browser, url, options)
    watched.push(opened)
    return opened.page
  }
  return {
    openUrl,
    allow: (text) => allowed.push(text),
    async open(stage, place = '', options = {}) {
      const page = await openUrl(`${stage.ringback.adminUrl}/${place}`, options)
      await page.locator('h1').waitFor()
      return page
    },
  }
}

/** Goes to another place and waits until its screen stands there instead of the one before. */
export async function goTo(page: Page, place: string): Promise<void> {
  const isOtherScreen = await page.evaluate<boolean>(`(() => {
    const screen = () => location.hash.split('?')[0] || '#/live'
    const before = screen()
    document.querySelector('h1')?.setAttribute('data-left', '')
    location.hash = ${JSON.stringify(place)}
    return screen() !== before
  })()`)
  if (isOtherScreen) await page.locator('h1:not([data-left])').waitFor()
}

/** Waits until a screen shows what it has to show. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

export async function api<Value>({ ringback }: Pick<Stage, 'ringback'>, path: string): Promise<Value> {
  return (await (await fetch(`${ringback.adminUrl}/api/v1/${path}`)).json()) as Value
}

/** What the accessibility rules of WCAG 2.2 AA find fault with; only some of the rules where they are named. */
export async function faults(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  // Once for each document: the half megabyte takes longer than to judge a screen.
  if (await page.evaluate<boolean>(`globalThis.axe === undefined`)) await page.evaluate(axe.source)
  const options: RunOptions = {
    runOnly: rules.length > 0 ? { type: 'rule', values: [...rules] } : { type: 'tag', values: WCAG },
    resultTypes: ['violations'],
    // Only whether styles lock the orientation needs it, and it may put styles into the page, which the policy forbids.
    preload: false,
  }
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`
  const violations = await page.evaluate<AxeResults['violations']>(run)
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
}
