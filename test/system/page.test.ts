import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { openPage, overflowOf, startBrowser, type Watched } from '../support/browser.ts'
import { naughtyStrings } from '../support/naughty-strings.ts'
import { type Stage, pageToken, startStage } from '../support/page-stage.ts'
import { freePort } from '../support/start-ringback.ts'
import { behaviours } from '../support/target-server.ts'
import { hasTool } from '../support/tools.ts'
import { waitFor } from '../support/wait-for.ts'

// The page in a real browser, over a real daemon with real traffic: the main task of each screen, what it says when
// there is nothing or no answer, and that no text of a callback ever becomes more than text.

const REPOSITORY = join(import.meta.dirname, '../..')
const canRun = hasTool('chromium')
const CALL = '7f3d2c10-9b1e-4a55-8c2e-5d1f0a6b7c88'

let browser: Browser
let watched: Watched[] = []

beforeAll(async () => {
  if (!canRun) return
  execFileSync(process.execPath, [join(REPOSITORY, 'scripts/build-page.ts'), '--if-stale'])
  browser = await startBrowser()
})
afterAll(async () => {
  if (canRun) await browser.close()
})
afterEach(async () => {
  const wrongs = watched.flatMap((each) => each.wrongs)
  for (const { page } of watched) await page.context().close()
  watched = []
  if (wrongs.length > 0) throw new Error(`the page did what it must not: ${wrongs.join('\n')}`)
})

async function open(stage: Stage, place = '', options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  const opened = await openPage(browser, `${stage.ringback.adminUrl}/${place}`, options)
  watched.push(opened)
  await opened.page.locator('h1').waitFor()
  return opened.page
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`)
}

function api<Value>(stage: Stage, path: string): Promise<Value> {
  return fetch(`${stage.ringback.adminUrl}/api/v1/${path}`).then(
    (response) => response.json() as Promise<Value>,
  )
}

/** What the accessibility rules of WCAG 2.2 AA find fault with. */
async function faults(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page })
  const asked =
    rules.length > 0
      ? axe.withRules([...rules])
      : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
  const { violations } = await asked.analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
}

describe.runIf(canRun)('the page before anything has come', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('says what is missing and what to do about it, then shows the first callback by itself', async () => {
    const page = await open(stage)
    await page.getByText('Nothing has come yet').waitFor()
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.getByText('Nothing fires').waitFor()
    await goTo(page, '#/search?q=route:billing')
    await page.getByText('The ledger is empty').waitFor()
    await goTo(page, '#/callbacks/01KAJ0000000000000000000AA')
    await page.getByText('it may have been pruned').waitFor()
    await goTo(page, '#/calls/no-such-call')
    await page.getByText('No callback belongs to this call id').waitFor()
    await goTo(page, '#/no-such-screen')
    await page.getByText('There is no such screen').waitFor()
    await goTo(page, '#/routes')
    await page
      .getByRole('article', { name: 'Route billing' })
      .getByText('Nothing came in this window')
      .waitFor()

    await goTo(page, '#/live')
    await stage.send({ event: 'call.initiated', callId: 'first-call', application: 'support-line' })
    const row = page.getByRole('listitem').filter({ hasText: 'first-call' })
    await row.getByText('Delivered').waitFor()
    await row.click()
    await page.getByText('The handler took it, with 200').waitFor()
    expect(page.url()).toContain('#/callbacks/')
  })
})

describe.runIf(canRun)('the page over traffic', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.send({ event: 'call.initiated', callId: CALL, application: 'billing' })
    await stage.send({ event: 'call.completed', callId: CALL, application: 'billing' })
    for (let n = 0; n < 110; n++) await stage.send({ event: 'call.initiated', application: 'support-line' })
    await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
    stage.billing.behave(() => behaviours.status(502, '<h1>502 Bad Gateway</h1>'))
    stage.backup.behave(() => behaviours.status(503, 'no capacity'))
    await stage.send({ event: 'call.completed', callId: CALL, application: 'billing' })
    await stage.send({ event: 'call.completed', application: 'billing' })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('tells of one callback what happened, why, and what to do', async () => {
    const { rows } = await api<{ rows: { id: string }[] }>(stage, 'callbacks?outcome=http_5xx&limit=1')
    // As a link in a message has it.
    const page = await open(stage, `callbacks/${rows[0]?.id ?? ''}`)
    await page.getByText('The fallback handler failed with 503').waitFor()
    await page.getByText('The provider was told 503').waitFor()
    await page.getByText('502 and 503 point at its gateway or a deployment').waitFor()
    await page.getByText('deadline 3.00 s').waitFor()
    const request = page.getByRole('tabpanel', { name: 'Request' })
    await request.getByText('x-vobiz-signature').waitFor()
    expect(await request.innerText()).toMatch(/x-vobiz-signature\s+•••/)
    expect(await request.innerText()).not.toContain('4155551234')
    await page.getByRole('tab', { name: 'Reply 1 (502, 24 B)' }).click()
    await page.getByText('<h1>502 Bad Gateway</h1>').waitFor()
    await page.getByRole('tab', { name: 'cURL' }).click()
    await page.getByText("curl -i -X POST 'https://callbacks.example.com/vobiz/MA_ACME'").waitFor()
  })

  it('shows the steps of a call, which one is missing and which came twice', async () => {
    const page = await open(stage, `#/calls/${CALL}`)
    await page.getByText('The handler was told that the call ended').waitFor()
    const steps = page.getByRole('region', { name: 'Steps of the call' })
    await steps.getByText('Answered').waitFor()
    expect(await steps.getByText('not seen').count()).toBe(2) // answered, recording
    await steps.getByText('2 times').waitFor()
    await steps.getByRole('link', { name: 'call.completed: Failed' }).click()
    await page.getByRole('heading', { name: 'call.completed' }).waitFor()
  })

  it('finds with words, pages on, and says which word is to blame for nothing', async () => {
    const page = await open(stage, '#/search')
    await page.getByText('100 callbacks so far').waitFor()
    await page.getByRole('button', { name: 'Older ones' }).click()
    await page.getByText('115 callbacks, that is all').waitFor()
    const box = page.getByRole('searchbox')
    await box.fill('route:billing is:failed')
    await box.press('Enter')
    await page.getByText('2 callbacks, that is all').waitFor()
    expect(page.url()).toContain('q=route%3Abilling+is%3Afailed')
    await box.fill('route:support-line status:5xx')
    await box.press('Enter')
    await page.getByText('Nothing fits').waitFor()
    await page.getByRole('button', { name: 'Without route:support-line' }).click()
    await page.getByText('2 callbacks, that is all').waitFor()
    await box.fill('class:nonsense')
    await box.press('Enter')
    await page.getByText('class: knows ok').waitFor()
    await box.fill('ro')
    await page.getByRole('button', { name: 'route:', exact: true }).click()
    await page.getByRole('button', { name: 'route:trunk-mumbai' }).click()
    await page.getByText('There is something to be found without').waitFor()
  })

  it('counts a route down to its alert, and leads from the alert to exactly what it hurt', async () => {
    const page = await open(stage, '#/routes')
    const route = page.getByRole('article', { name: 'Route billing' })
    await route.getByText('2 of 3').first().waitFor()
    await route.getByText('https://callbacks.example.com/vobiz/MA_ACME/applications/billing').waitFor()
    await stage.send({ event: 'call.completed', application: 'billing' })
    await route.getByText('Alert').click()
    await page.getByText('3 failures in a row').waitFor()
    await page.getByText('Nobody was told').waitFor()
    const hurt = page.getByRole('region', { name: 'Exactly these callbacks' })
    expect(await hurt.getByRole('link').count()).toBe(3)
    await page.getByLabel('What is being done').fill('restarting it')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText('local: restarting it').waitFor()
    await page.getByRole('button', { name: 'Send the hurt callbacks again' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Send \d/ })
      .waitFor()
    await page.keyboard.press('Escape')
    await hurt.getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Why, and what to do' }).waitFor()
    await page.getByRole('link', { name: /Alerts/ }).click()
    await page.getByRole('region', { name: 'Firing now' }).getByText('billing').first().waitFor()
  })

  it('pauses, counts what came meanwhile, and narrows to failures', async () => {
    const page = await open(stage, '#/live')
    await page.getByText('Delivered').first().waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await stage.send({ event: 'Hangup', callId: 'while-paused' })
    await page.getByRole('button', { name: '1 new' }).waitFor()
    expect(await page.getByText('while-paused').count()).toBe(0)
    await page.keyboard.press('Space') // on the button: goes on
    await page.getByText('while-paused').waitFor()
    await page.getByRole('button', { name: 'Failed', exact: true }).click()
    await page.getByText('Server error, 2 attempts').first().waitFor()
    expect(await page.getByText('while-paused').count()).toBe(0)
    expect(page.url()).toContain('show=failed')
    await page.getByRole('button', { name: 'Not let in' }).click()
    await page.getByRole('listitem').filter({ hasText: 'Not let in' }).waitFor()
  })

  it('is worked with keys alone', async () => {
    const page = await open(stage, '#/live')
    await page.getByText('Delivered').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What was tried' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Live' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    await page.getByRole('searchbox').fill('t') // letters are text there
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBeUndefined()
    await page.keyboard.press('Tab')
    await page.locator('main').focus()
    await page.keyboard.press('t')
    await page.keyboard.press('t')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page.reload()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page.getByText('Delivered').first().or(page.getByRole('searchbox')).first().waitFor()
    await page.locator('main').focus()
    await page.keyboard.press('z')
    await page.getByRole('button', { name: 'Times: UTC' }).waitFor()
  })

  it('sends a test callback, and reloads the configuration', async () => {
    const page = await open(stage, '#/start')
    await page.getByText('Done: ').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Send a test callback' }).click()
    await page.getByText('Vobiz would have been told 200').waitFor()
    await page.getByRole('link', { name: 'See the call' }).click()
    await page.getByText('The handler was told that the call ended').waitFor()
    await goTo(page, '#/status')
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByText('Reloaded; nothing had changed').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('says so when the daemon does not answer', async () => {
    const page = await open(stage, '#/routes')
    await page.getByRole('article').first().waitFor()
    await page.route('**/api/v1/**', (route) => route.abort())
    await goTo(page, '#/calls/another')
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await page.getByText('Ringback does not answer').first().waitFor()
    await page.unroute('**/api/v1/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('No callback belongs to this call id').waitFor()
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  })

  it(
    'has nothing that axe finds fault with, in light and dark, and fits a phone',
    { timeout: 90_000 },
    async () => {
      const failed = await api<{ rows: { id: string }[] }>(stage, 'callbacks?outcome=http_5xx&limit=1')
      const incidents = await api<{ rows: { id: string }[] }>(stage, 'incidents')
      const places = [
        '#/live',
        `#/callbacks/${failed.rows[0]?.id ?? ''}`,
        `#/calls/${CALL}`,
        '#/routes',
        '#/search?q=is:failed',
        '#/incidents',
        `#/incidents/${incidents.rows[0]?.id ?? ''}`,
        '#/start',
        '#/status',
      ]
      const found: string[] = []
      for (const look of [
        { colorScheme: 'light', viewport: { width: 1440, height: 900 }, rules: [] },
        // The same document in other colours and sizes: only what depends on them.
        {
          colorScheme: 'dark',
          viewport: { width: 390, height: 844 },
          rules: ['color-contrast', 'target-size', 'link-in-text-block'],
        },
      ] as const) {
        const { rules, ...options } = look
        const page = await open(stage, '', options)
        for (const place of places) {
          const isSame = rules.length > 0 && !/live|callbacks|routes/.test(place)
          await goTo(page, place)
          await page.locator('h1').waitFor()
          await page.locator('.skeleton').waitFor({ state: 'detached' })
          // What the other screens show is made of the same parts.
          for (const fault of isSame ? [] : await faults(page, rules))
            found.push(`${look.colorScheme} ${place} ${fault}`)
          const overflow = await overflowOf(page)
          if (overflow > 0) found.push(`${look.viewport.width} px ${place} is ${overflow} px too wide`)
        }
      }
      expect(found).toEqual([])
    },
  )
})

describe.runIf(canRun)('texts of strangers', () => {
  it('are shown as texts on every screen: none runs, none asks anybody, none breaks the layout', async () => {
    await using stage = await startStage()
    const nasty = [
      ...naughtyStrings,
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(2)>',
      'javascript:alert(3)',
      '"><script>alert(4)</script>',
      '<iframe srcdoc="<script>parent.alert(5)</script>">',
      '<a href="https://evil.test">x</a>',
      'x'.repeat(3000),
    ]
    stage.support.behave(() => behaviours.status(500, nasty.join('\n')))
    for (const [n, text] of nasty.entries()) {
      await stage.send({
        event: n % 2 === 0 ? text : 'call.completed',
        callId: text.slice(0, 128),
        more: { note: text, [text.slice(0, 60)]: text, user: { name: text } },
      })
    }
    const page = await open(stage, '#/live')
    await page.getByRole('listitem').first().waitFor()
    await goTo(page, '#/search')
    await page.getByText('that is all').waitFor()
    const { rows } = await api<{ rows: { id: string; call_id: string }[] }>(stage, 'callbacks?limit=200')
    expect(rows.length).toBe(nasty.length)
    const marked = rows.filter(({ call_id: id }) => /<|javascript|\u202e|x{99}/.test(id)).slice(0, 12)
    expect(marked.length).toBeGreaterThan(6)
    for (const { id, call_id: callId } of marked) {
      await goTo(page, `#/callbacks/${id}`)
      await page.getByText('What was tried').waitFor()
      await page.getByRole('tab', { name: 'cURL' }).click()
      await goTo(page, `#/calls/${encodeURIComponent(callId)}`)
      await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
      expect(await page.locator('main img, main iframe, main script').count()).toBe(0)
      const overflow = await overflowOf(page)
      expect(overflow).toBe(0)
    }
    await goTo(page, `#/search?q=${encodeURIComponent('<img src=x onerror=alert(6)>')}`)
    await page.getByText('Nothing fits').waitFor()
  })
})

describe.runIf(canRun)('the door of the page', () => {
  it('asks for a token once, keeps it nowhere, and lets out again', async () => {
    await using stage = await startStage({ withToken: true })
    const page = await open(stage)
    await page.getByLabel('Token').fill('not-the-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('not one of admin.tokens').waitFor()
    expect(await faults(page)).toEqual([])
    await page.getByLabel('Token').fill(pageToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('heading', { name: 'Live' }).waitFor()
    await page.getByText('Nothing has come yet').waitFor()
    await stage.send({ event: 'call.initiated', callId: 'behind-the-door' })
    await page.getByText('behind-the-door').waitFor()
    const kept = await page.evaluate(
      'document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })',
    )
    expect(kept).not.toContain(pageToken)
    expect(kept).not.toContain('ringback_session')
    await page.reload()
    await page.getByText('behind-the-door').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
  })
})

describe.runIf(canRun)('a newcomer in the browser', () => {
  let folder = ''
  let daemon: ChildProcess | undefined
  let url = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringback-page-'))
    const admin = `127.0.0.1:${await freePort()}`
    url = `http://${admin}`
    daemon = spawn(process.execPath, [join(REPOSITORY, 'bin/ringback.js')], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        RINGBACK_TRIAL_LISTEN: `127.0.0.1:${await freePort()}`,
        RINGBACK_TRIAL_ADMIN_LISTEN: admin,
      },
      stdio: 'ignore',
    })
    await waitFor('readiness', () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  })
  afterAll(async () => {
    if (daemon?.exitCode === null) {
      daemon.kill()
      await once(daemon, 'exit')
    }
    await rm(folder, { recursive: true })
  })

  it('gets from nothing to an alert and back without leaving one screen', async () => {
    const opened = await openPage(browser, `${url}/#/start`)
    watched.push(opened)
    const { page } = opened
    await page.getByText('To do: ').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Send a test callback' }).click()
    await page.getByText('Vobiz would have been told 200').waitFor()
    await page.getByRole('switch').click()
    await page.getByText('The sample handler is broken').waitFor()
    const several = page.getByRole('button', { name: 'Send 3 callbacks' })
    await several.click()
    await page.getByText('An alert fires').waitFor()
    await page.getByRole('switch').click()
    await page.getByText('Break the sample handler').waitFor()
    await several.click()
    await page.getByText('The alert is resolved').waitFor()
    expect(await page.getByText('To do: ').count()).toBe(0)
  })
})
