import { readFile } from 'node:fs/promises'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser, overflowOf } from '../support/browser.ts'
import { api, goTo, settled, usePages } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

// Finding callbacks again: by words, by a search that was saved, by an address from a colleague, in a file, on a phone.

const LONG_CALL = 'W'.repeat(128)
const pages = usePages()

interface Rows {
  readonly rows: readonly { readonly id: string; readonly call_id: string }[]
}

describe.runIf(hasBrowser)('finding callbacks on the page', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ more: 'breaker: { after_failures: 2, probe_every: 1h }' })
    const { billing, backup, crm } = stage
    await stage.send({ event: 'call.initiated', callId: LONG_CALL, application: 'billing' })
    await stage.send({ event: 'call.initiated', callId: 'taken', application: 'crm' })
    billing.behave(() => behaviours.status(502, '<h1>502 Bad Gateway</h1>'))
    await stage.send({ event: 'call.completed', callId: 'taken-by-fallback', application: 'billing' })
    backup.behave(() => behaviours.status(503))
    await stage.send({ event: 'call.completed', callId: LONG_CALL, application: 'billing' })
    crm.behave(() => behaviours.status(500))
    await stage.send({ event: 'Hangup', callId: 'waits', application: 'crm' })
    crm.behave(() => behaviours.status(410))
    await stage.send({ event: 'call.completed', callId: 'dead', application: 'crm' })
    await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
    await waitFor('what became of all', async () => {
      const { rows } = await api<Rows>(stage, 'callbacks?result=pending')
      return rows.length === 0
    })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('completes each kind of word, and finds by it', async () => {
    const page = await pages.open(stage, '#/search')
    const box = page.getByRole('combobox', { name: 'Search callbacks' })
    const found = page.getByRole('region', { name: 'Found callbacks' })
    for (const [typed, word, calls] of [
      // What is typed, the first word that is offered for it, and what it finds.
      ['has:', 'has:retry', [LONG_CALL, 'taken-by-fallback']],
      ['is:f', 'is:failed', ['–', 'dead', 'waits', LONG_CALL]],
      ['class:5xx', 'class:http_5xx', ['waits', LONG_CALL]],
      ['status:res', 'status:rescued', ['waits']],
      ['status:rej', 'status:rejected', ['–']], // nobody signed for its call id
      ['event:Hang', 'event:Hangup', ['waits']],
      ['route:bil', 'route:billing', [LONG_CALL, 'taken-by-fallback', LONG_CALL]],
      ['route:crm since:15', 'since:15m', ['dead', 'taken', 'waits']],
      ['route:crm until:24', 'until:24h', []],
    ] as const) {
      await box.fill(typed)
      await page.getByRole('option', { name: word }).waitFor()
      await box.press('ArrowDown')
      await box.press('Enter') // takes the word
      expect((await box.inputValue()).trim().split(' ').at(-1)).toBe(word)
      await box.press('Enter') // searches
      if (calls.length === 0) await page.getByText('Nothing fits').waitFor()
      await expect
        .poll(async () => (await found.locator('.call-cell').allInnerTexts()).toSorted(), { message: word })
        .toEqual(calls.toSorted())
      expect(await page.locator('input:focus').getAttribute('aria-label')).toBe('Search callbacks')
    }
  })

  it('keeps a search under a name in this browser, until it is forgotten', async () => {
    const page = await pages.open(stage, '#/search?q=route:crm+is:failed')
    await page.getByText('2 callbacks, that is all').waitFor()
    await page.getByRole('button', { name: 'Save this search' }).click()
    await page.getByLabel('Name of the saved search').fill('CRM trouble')
    await page.keyboard.press('Enter')
    const saved = page.getByRole('group', { name: 'Saved searches' })
    await saved.getByRole('button', { name: 'CRM trouble', exact: true }).waitFor()
    await goTo(page, '#/search')
    await page.reload()
    await page.getByText('7 callbacks, that is all').waitFor()
    await saved.getByRole('button', { name: 'CRM trouble', exact: true }).click()
    await page.getByText('2 callbacks, that is all').waitFor()
    expect(page.url()).toContain('q=route%3Acrm+is%3Afailed')
    await page.getByRole('button', { name: 'Forget the saved search CRM trouble' }).click()
    await saved.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('2 callbacks, that is all').waitFor()
    expect(await saved.count()).toBe(0)
  })

  it('downloads what was found, all of it and nothing else', async () => {
    const page = await pages.open(stage, '#/search?q=is:failed+route:crm')
    const { rows } = await api<Rows>(stage, 'callbacks?failed=true&route=crm')
    const [header = '', ...lines] = (await downloaded(page, 'CSV', 'callbacks.csv')).trimEnd().split(/\r?\n/)
    const column = header.split(',').indexOf('call_id')
    expect(lines.map((line) => line.split(',')[column])).toEqual(['dead', 'waits'])
    const objects = (await downloaded(page, 'NDJSON', 'callbacks.ndjson')).trimEnd().split('\n')
    expect(objects.map((line) => JSON.parse(line) as unknown)).toEqual(rows)
    expect(rows).toHaveLength(2)
  })

  it('shows a colleague the same under the same address', async () => {
    const [failed] = (await api<Rows>(stage, 'callbacks?route=billing&failed=true')).rows
    const page = await pages.open(stage, '#/search')
    // Another browser, which knows nothing but the address.
    const other = await pages.open(stage)
    const isTheSameElsewhere = async (): Promise<void> => {
      await other.goto('about:blank')
      await other.goto(page.url())
      await expect.poll(() => whatIsShown(other)).toEqual(await whatIsShown(page))
    }
    await page.getByRole('button', { name: 'Not let in' }).click()
    await page.getByText('1 callback, that is all').waitFor()
    await isTheSameElsewhere()
    await goTo(page, '#/live')
    await page.getByRole('button', { name: 'More than one attempt' }).click()
    await page.getByLabel('Route').selectOption('billing')
    await page.getByText('taken-by-fallback').waitFor()
    await page.getByText('waits').waitFor({ state: 'detached' })
    await isTheSameElsewhere()
    await goTo(page, '#/routes')
    await page.getByRole('button', { name: '7 days' }).click()
    await page.getByText('7 d ago').first().waitFor()
    await isTheSameElsewhere()
    await goTo(page, `#/callbacks/${failed?.id ?? ''}`)
    await page.getByRole('tab', { name: /^Reply 1/ }).click()
    await page.getByRole('button', { name: 'Bytes' }).click()
    await page.getByText('3c 68 31 3e').waitFor()
    await isTheSameElsewhere()
    await goTo(page, '#/dead-letters')
    await page.getByLabel('Route').selectOption('billing')
    await page.getByText('No dead letters of this route').waitFor()
    await isTheSameElsewhere()
    await goTo(page, '#/configuration')
    await page.getByLabel('Find a setting').fill('breaker')
    await page.getByRole('button', { name: 'Set in the file' }).click()
    await page.getByText('2 settings').waitFor()
    await isTheSameElsewhere()
  })

  it('names the route it is asked for, also one that is configured no more', async () => {
    const page = await pages.open(stage, '#/live?route=closed-down')
    await settled(page)
    await page.getByRole('option', { name: 'billing', exact: true }).waitFor({ state: 'attached' })
    expect(await page.getByLabel('Route').inputValue()).toBe('closed-down')
  })

  it('tells times in the zone of the reader or in UTC, in the colours of the system or of the reader', async () => {
    const [row] = (await api<Rows>(stage, 'callbacks?limit=1')).rows
    const options = { timezoneId: 'Asia/Kolkata', colorScheme: 'dark' } as const
    const page = await pages.open(stage, `#/callbacks/${row?.id ?? ''}`, options)
    const time = page.locator('.verdict time')
    const shown = async (): Promise<string> => (await time.innerText()).slice(0, 23)
    const isDark = (): Promise<boolean> =>
      page.evaluate<boolean>(
        `Math.max(...getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3)) < 60`,
      )
    const at = Date.parse((await time.getAttribute('datetime')) ?? '')
    const kolkata = new Date(at + 5.5 * 3_600_000).toISOString()
    expect(await shown()).toBe(kolkata.slice(0, 23).replace('T', ' '))
    await page.getByRole('button', { name: 'Times: Local' }).click()
    await time.getByText('UTC').waitFor()
    expect(await shown()).toBe(new Date(at).toISOString().slice(0, 23).replace('T', ' '))
    expect(await isDark()).toBe(true)
    await page.getByRole('button', { name: 'Theme: Auto' }).click()
    expect(await isDark()).toBe(false)
    await page.reload()
    await time.getByText('UTC').waitFor()
    expect(await isDark()).toBe(false)
  })

  it('says on a route that its breaker is open, what the fallback is, when it last succeeded, and what to paste', async () => {
    const page = await pages.open(stage, '#/routes')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const route = page.getByRole('article', { name: 'Route billing' })
    const target = (role: string) => route.getByRole('listitem').filter({ hasText: role })
    await target('primary').getByText('Breaker open').waitFor()
    expect(await target('fallback').innerText()).toContain(stage.backup.origin)
    expect(await target('fallback').getByText('Breaker open').count()).toBe(0)
    await target('last success').getByText('ago').waitFor()
    await route.getByRole('button', { name: 'Copy the public URL of billing' }).click()
    await route.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(
      'https://callbacks.example.com/vobiz/MA_ACME/applications/billing',
    )
  })

  it('is no wider than the narrowest phone, however long the ids are', async () => {
    const id = async (path: string): Promise<string> => (await api<Rows>(stage, path)).rows[0]?.id ?? ''
    const page = await pages.open(stage, '', { viewport: { width: 320, height: 640 } })
    const tooWide: string[] = []
    for (const place of [
      '#/live',
      '#/search',
      `#/search?q=call:${LONG_CALL}`,
      `#/search?q=call:${LONG_CALL}x`,
      `#/callbacks/${await id('callbacks?route=billing&failed=true')}`,
      `#/calls/${LONG_CALL}`,
      '#/calls/' + 'x'.repeat(128),
      '#/routes',
      '#/incidents',
      '#/notifications',
      '#/rules?route=billing',
      '#/dead-letters',
      '#/replays',
      '#/configuration',
      '#/configuration?path=/vobiz/MA_ACME/' + 'p'.repeat(200),
      '#/status',
      '#/start',
      '#/reconciliation',
    ]) {
      await goTo(page, place)
      await settled(page)
      const overflow = await overflowOf(page)
      if (overflow > 0) tooWide.push(`${place} by ${overflow} px`)
    }
    expect(tooWide).toEqual([])
  })
})

async function downloaded(page: Page, link: string, name: string): Promise<string> {
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: link, exact: true }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe(name)
  return readFile(await file.path(), 'utf8')
}

/** Texts and states of controls; how long ago something was changes while one looks. */
async function whatIsShown(page: Page): Promise<string> {
  await settled(page)
  const tree = await page.locator('main').ariaSnapshot()
  return tree.replaceAll(/just now|\d+ s ago/g, 'ago')
}
