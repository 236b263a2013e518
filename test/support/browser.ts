import { type Browser, chromium, type Page } from 'playwright-core'

import { hasTool, pathOfTool } from './tools.ts'

const PATIENCE_MS = 20_000

/** For tests: the same engine without what a screen would need takes a fifth less of the processor. */
export const testBrowser = pathOfTool('chromium-headless-shell') ?? pathOfTool('chromium')

/** Is there a browser to test with? */
export const hasBrowser = testBrowser !== undefined || hasTool('chromium')

/** A headless browser without a word to anybody outside, by default the Chromium of the machine, as people have it. */
export function startBrowser(executable = pathOfTool('chromium')): Promise<Browser> {
  return chromium.launch({
    executablePath: executable ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** By how many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
}

/** What a page must never do, noted while it is used. */
export interface Watched {
  readonly page: Page
  /** Violations of the policy, dialogs, errors, requests to other hosts. */
  readonly wrongs: string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const wrongs: string[] = []
  const origin = new URL(url).origin
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => wrongs.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // What the API refuses is shown on the page; the browser's own line about it is no error of the page.
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAnswer) wrongs.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) {
      wrongs.push(`request: ${request.url()}`)
    }
  })
  await page.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', (event) =>
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`,
  })
  await page.goto(url)
  return { page, wrongs }
}
