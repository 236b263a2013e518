import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser, overflowOf } from '../support/browser.ts'
import { manyNaughtyStrings as nasty } from '../support/many-naughty-strings.ts'
import { api, goTo, settled, usePages } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'

// Texts of strangers reach the page as event, call id, body, header, reply and the words people write themselves. Each
// stays a text: the rig fails a test on every script error, dialog, violation of the policy and request to elsewhere.

const AT_ONCE = 25
/** As many in one body as its kept part has room for. */
const IN_ONE = 75
const pages = usePages()

async function inGroups(each: (text: string, at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < nasty.length; at += AT_ONCE) {
    await Promise.all(nasty.slice(at, at + AT_ONCE).map((text, n) => each(text, at + n)))
  }
}

/** Nothing of it became markup, and nothing is wider than the window. */
async function isOnlyText(page: Page): Promise<void> {
  expect(
    await page.locator('main :is(img, iframe, script, object, embed, style, form[action])').count(),
  ).toBe(0)
  const links = await page.evaluate<string[]>(
    `[...document.querySelectorAll('main a')].map((link) => link.getAttribute('href'))`,
  )
  for (const href of links) expect(href).toMatch(/^(#\/|\.\/api\/v1\/)/)
  expect(await overflowOf(page)).toBe(0)
}

describe.runIf(hasBrowser)('texts of strangers', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await inGroups((text, n) =>
      stage.send({ event: n % 2 === 0 ? text : 'call.completed', callId: text.slice(0, 128) }),
    )
    for (let at = 0; at < nasty.length; at += IN_ONE) {
      const texts = nasty.slice(at, at + IN_ONE).map((text) => text.slice(0, 3000))
      stage.support.behave(() => behaviours.status(500, texts.join('\n')))
      const fields = Object.fromEntries(texts.map((text, n) => [`${n}${text.slice(0, 60)}`, text]))
      await stage.send({ event: 'Hangup', callId: `bodies-${at}`, application: 'support-line', more: fields })
    }
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('are texts in every row of the live view and of a search', async () => {
    expect(nasty.length).toBeGreaterThanOrEqual(592)
    const page = await pages.open(stage, '#/live')
    await page.getByRole('listitem').first().waitFor()
    await isOnlyText(page)
    await goTo(page, '#/search')
    for (;;) {
      await page.getByText(/callbacks (so far|, that is all)|, that is all/).waitFor()
      const more = page.getByRole('button', { name: 'Older ones' })
      if ((await more.count()) === 0) break
      const before = await page.getByRole('row').count()
      await more.click()
      await page.getByRole('row').nth(before).waitFor()
    }
    expect(await page.getByRole('row').count()).toBeGreaterThan(nasty.length)
    await isOnlyText(page)
    await goTo(page, `#/search?q=${encodeURIComponent('<img src=x onerror=alert(6)>')}`)
    await page.getByText('Nothing fits').waitFor()
    await isOnlyText(page)
  })

  it('are texts as bodies, replies, commands, and as calls', async () => {
    const bodies = await api<{ rows: { id: string }[] }>(stage, 'callbacks?event=Hangup&limit=100')
    const all = await api<{ rows: { id: string; call_id: string }[] }>(stage, 'callbacks?limit=1000')
    expect(bodies.rows.length).toBe(Math.ceil(nasty.length / IN_ONE))
    const page = await pages.open(stage, '#/live', { viewport: { width: 390, height: 844 } })
    for (const { id } of bodies.rows) {
      await goTo(page, `#/callbacks/${id}`)
      await page.getByText('What was tried').waitFor()
      await isOnlyText(page)
      for (const tab of [/^Reply 1/, 'cURL']) {
        await page.getByRole('tab', { name: tab }).click()
        await isOnlyText(page)
      }
    }
    const marked = all.rows.filter(({ call_id: id }) => /<img|javascript:|\u202e|x{99}|^\.\.|%/.test(id))
    expect(marked.length).toBeGreaterThan(8)
    for (const { call_id: callId } of marked.slice(0, 12)) {
      await goTo(page, `#/calls/${encodeURIComponent(callId)}`)
      await page.getByRole('region', { name: 'Steps of the call' }).waitFor()
      await isOnlyText(page)
    }
  })

  it('are texts as reasons that people give', async () => {
    const url = `${stage.ringback.adminUrl}/api/v1/silences`
    const headers = { 'content-type': 'application/json' }
    await inGroups(async (text) => {
      const comment = text.slice(0, 500) || 'empty'
      const body = JSON.stringify({ comment, by: text.slice(0, 64) || 'nobody' })
      await fetch(url, { method: 'POST', headers, body })
    })
    const page = await pages.open(stage, '#/silences')
    await settled(page)
    expect(await page.getByRole('row').count()).toBeGreaterThan(nasty.length * 0.9)
    await isOnlyText(page)
  })
})
