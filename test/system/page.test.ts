import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser } from '../support/browser.ts'
import { api, goTo, usePages } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

// The page in a real browser, over a real daemon with real traffic: the main task of each screen that looks at
// callbacks, and what it says when there is nothing or no answer.

const CALL = '7f3d2c10-9b1e-4a55-8c2e-5d1f0a6b7c88'
const pages = usePages()

describe.runIf(hasBrowser)('the page before anything has come', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('says what is missing and what to do about it, then shows the first callback by itself', async () => {
    const page = await pages.open(stage)
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

describe.runIf(hasBrowser)('the page over traffic', () => {
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

  it('shows the live list whole, whatever the width of the window', async () => {
    const page = await pages.open(stage, '#/live')
    const line = page.getByRole('listitem').first()
    for (const width of [1440, 1261, 1200, 1181, 1180, 961, 960, 761, 760, 390]) {
      await page.setViewportSize({ width, height: 800 })
      await line.waitFor()
      const cutOff = await page.evaluate<number>(
        `Math.max(...[...document.querySelectorAll('.live-line')].map((line) => line.scrollWidth - line.clientWidth))`,
      )
      expect(cutOff, `cut off at ${width} px`).toBe(0)
    }
  })

  it('tells of one callback what happened, why, and what to do', async () => {
    const rows = await waitFor('both rows', async () => {
      // A try has its row before the callback is settled; what the page is to show is how that ended.
      const found = await api<{ rows: { id: string }[] }>(stage, 'callbacks?outcome=http_5xx&result=failed')
      return found.rows.length === 2 && found.rows
    })
    // As a link in a message has it.
    const page = await pages.open(stage, `callbacks/${rows[0]?.id ?? ''}`)
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
    const page = await pages.open(stage, `#/calls/${CALL}`)
    await page.getByText('The handler was told that the call ended').waitFor()
    const steps = page.getByRole('region', { name: 'Steps of the call' })
    await steps.getByText('Answered').waitFor()
    expect(await steps.getByText('not seen').count()).toBe(2) // answered, recording
    await steps.getByText('2 times').waitFor()
    await steps.getByRole('link', { name: 'call.completed: Failed' }).click()
    await page.getByRole('heading', { name: 'call.completed' }).waitFor()
  })

  it('finds with words, pages on, and says which word is to blame for nothing', async () => {
    const page = await pages.open(stage, '#/search')
    await page.getByText('100 callbacks so far').waitFor()
    await page.getByRole('button', { name: 'Older ones' }).click()
    await page.getByText('115 callbacks, that is all').waitFor()
    const box = page.getByRole('combobox', { name: 'Search callbacks' })
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
    await page.getByRole('option', { name: /^route:/ }).waitFor()
    await box.press('ArrowDown')
    await box.press('Enter')
    expect(await box.inputValue()).toBe('route:')
    await page.getByRole('option', { name: 'route:trunk-mumbai' }).click()
    await box.press('Enter')
    await page.getByText('There is something to be found without').waitFor()
  })

  it('pauses, counts what came meanwhile, and narrows to failures', async () => {
    const page = await pages.open(stage, '#/live')
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
    const page = await pages.open(stage, '#/live')
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
    await page.getByRole('combobox', { name: 'Search callbacks' }).fill('t') // letters are text there
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBeUndefined()
    await page.keyboard.press('Tab')
    await page.locator('main').focus()
    await page.keyboard.press('t')
    await page.keyboard.press('t')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page.reload()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page
      .getByText('Delivered')
      .first()
      .or(page.getByRole('combobox', { name: 'Search callbacks' }))
      .first()
      .waitFor()
    await page.locator('main').focus()
    await page.keyboard.press('z')
    await page.getByRole('button', { name: 'Times: UTC' }).waitFor()
  })

  it('sends a test callback; shows the configuration, explains a route, and reloads after saying what changes', async () => {
    const page = await pages.open(stage, '#/start')
    await page.getByText('Done: ').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Send a test callback' }).click()
    await page.getByText('Vobiz would have been told 200').waitFor()
    await page.getByRole('link', { name: 'See the call' }).click()
    await page.getByText('The handler was told that the call ended').waitFor()
    await goTo(page, '#/configuration')
    await page.getByText('accounts.MA_ACME.webhook_secret').waitFor()
    await page.getByLabel('Find a setting').fill('webhook_secret')
    const secret = page.getByRole('row').filter({ hasText: 'webhook_secret' }).first()
    await secret.getByText('env WEBHOOK_SECRET').waitFor()
    await secret.getByText('secret', { exact: true }).waitFor()
    expect(await page.locator('main').innerText()).not.toContain('whsec-')
    await page.getByLabel('URL or path').fill('/vobiz/MA_ACME')
    await page.getByLabel('Body').fill('{"event":"call.completed","application_id":"billing"}')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('It goes to billing.').waitFor()
    const file = join(stage.ringback.folder, 'ringback.yaml')
    await writeFile(file, `${await readFile(file, 'utf8')}alerts: { consecutive_failures: 5 }\n`)
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByRole('dialog').getByText('alerts.consecutive_failures').waitFor()
    await page.getByRole('button', { name: 'Reload now' }).click()
    await page.getByText('Reloaded: 1 setting changed').waitFor()
    await page.keyboard.press('Escape')
    await writeFile(file, 'accounts: nonsense\n')
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByText('what is in force stays in force').waitFor()
    expect(await page.getByRole('button', { name: 'Reload now' }).isDisabled()).toBe(true)
  })

  it('says so when the daemon does not answer', async () => {
    const page = await pages.open(stage, `#/calls/${CALL}`)
    await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
    await page.context().setOffline(true)
    await goTo(page, '#/calls/another')
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await page.getByText('Ringback does not answer').first().waitFor()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('No callback belongs to this call id').waitFor()
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  })
})
