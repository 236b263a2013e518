import { describe, expect, it } from 'vitest'

import { overflowOf } from '../support/browser.ts'
import { naughtyStrings } from '../support/naughty-strings.ts'
import { api, goTo, hasBrowser, usePages } from '../support/page-rig.ts'
import { startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'

const pages = usePages()

describe.runIf(hasBrowser)('texts of strangers', () => {
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
    const page = await pages.open(stage, '#/live')
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
