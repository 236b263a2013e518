import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { api, faults, goTo, settled, usePages } from '../support/page-rig.ts'
import { hasBrowser, overflowOf } from '../support/browser.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'

// What people do on the page when something is wrong: look after an alert, silence it, send callbacks again, give
// dead letters up. And every screen once under the rules of accessibility, with something to show on it.

const CALL = 'call-of-the-handling-test'
const pages = usePages()

describe.runIf(hasBrowser)('handling trouble on the page', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.send({ event: 'call.initiated', callId: CALL, application: 'billing' })
    stage.billing.behave(() => behaviours.status(502, '<h1>502 Bad Gateway</h1>'))
    stage.backup.behave(() => behaviours.status(503, 'no capacity'))
    await stage.send({ event: 'call.completed', callId: CALL, application: 'billing' })
    await stage.send({ event: 'call.completed', application: 'billing' })
    await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
    stage.crm.behave(() => behaviours.status(410, '{"error":"contact was deleted"}'))
    for (let n = 0; n < 5; n++) await stage.send({ event: 'call.completed', application: 'crm' })
    stage.crm.behave(() => behaviours.status(500, 'boom'))
    await stage.send({ event: 'recording.completed', application: 'crm' })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('counts a route down to its alert, and leads from the alert to exactly what it hurt', async () => {
    const page = await pages.open(stage, '#/routes')
    const route = page.getByRole('article', { name: 'Route billing' })
    await route.getByText('2 of 3').first().waitFor()
    await route.getByText('https://callbacks.example.com/vobiz/MA_ACME/applications/billing').waitFor()
    await stage.send({ event: 'call.completed', application: 'billing' })
    await route.getByText('Alert', { exact: true }).click()
    await page.getByText('3 failures in a row').waitFor()
    const told = page.getByRole('region', { name: 'Who was told' })
    await told.getByText('It fires, on slack').waitFor()
    const hurt = page.getByRole('region', { name: 'Exactly these callbacks' })
    await hurt.getByText(CALL).waitFor()
    expect(await hurt.getByRole('row').count()).toBe(1 + 3)
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByLabel('What is being done').fill('restarting it')
    await page.getByRole('button', { name: 'Acknowledge it' }).click()
    await page.getByText('local: restarting it').waitFor()
    await hurt.getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Why, and what to do' }).waitFor()
    await page.getByRole('link', { name: /^Alerts/ }).click()
    await page.getByRole('region', { name: 'Firing now' }).getByText('billing').first().waitFor()
  })

  it('silences an alert with a reason, lists it, and ends it; says what was told to whom', async () => {
    const { rows } = await api<{ rows: { id: string; route: string }[] }>(stage, 'incidents')
    const crm = rows.find(({ route }) => route === 'crm')?.id ?? ''
    const page = await pages.open(stage, `#/incidents/${crm}`)
    await page.getByRole('button', { name: 'Silence' }).click()
    const submit = page.getByRole('button', { name: 'Silence it' })
    expect(await submit.isDisabled()).toBe(true) // not without a reason
    await page.getByLabel('Why').fill('moving the contacts')
    await submit.click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await goTo(page, '#/silences')
    const silence = page.getByRole('row').filter({ hasText: 'moving the contacts' })
    await silence.getByText('route crm').waitFor()
    await silence.getByRole('button', { name: 'End now' }).click()
    await page.getByText('No silences').waitFor()
    await page.getByRole('link', { name: 'Notifications' }).click()
    const log = page.getByRole('region', { name: 'Notifications', exact: true }).last()
    await log.getByRole('link', { name: 'billing' }).first().waitFor()
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await page.getByText('slack took the test message').waitFor()
    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByLabel('Route').selectOption('billing')
    await page
      .getByRole('row')
      .filter({ hasText: 'Consecutive failures' })
      .getByText('Fires')
      .first()
      .waitFor()
    expect(page.url()).toContain('#/rules?route=billing')
  })

  it('says of a refused callback what its signature lacks', async () => {
    const { rows } = await api<{ rows: { id: string }[] }>(stage, 'callbacks?result=rejected')
    const page = await pages.open(stage, `#/callbacks/${rows[0]?.id ?? ''}`)
    await page.getByText('It was refused because it was not signed').waitFor()
    const doctor = page.getByRole('region', { name: 'Signature doctor' })
    await doctor.getByRole('listitem').first().waitFor()
    expect(await doctor.innerText()).toContain('no signature is ever shown')
  })

  it('gives dead letters up for good only with a reason, and lets others wait again', async () => {
    const page = await pages.open(stage, '#/dead-letters')
    const rows = page.getByRole('region', { name: 'Dead letters' }).last().getByRole('row')
    await page.getByText('5 dead letters, that is all').waitFor()
    await page.getByText('1 wait').waitFor()
    await rows.nth(1).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Give up for good' }).click()
    const discard = page.getByRole('button', { name: 'Give them up' })
    expect(await discard.isDisabled()).toBe(true)
    await page.getByLabel('Why').fill('the contact is gone')
    await discard.click()
    await page.getByText('4 dead letters, that is all').waitFor()
    stage.crm.behave(behaviours.ok)
    await rows.nth(1).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Let wait again' }).click()
    await page.getByLabel('Why').fill('the handler is mended')
    await page.getByRole('button', { name: 'Let them wait again' }).click()
    await page.getByText('3 dead letters, that is all').waitFor()
    await page.getByLabel('Route').selectOption('billing')
    await page.getByText('No dead letters of this route').waitFor()
    expect(page.url()).toContain('route=billing')
  })

  it('sends exactly the callbacks of an incident again: dry run, progress, cancel, and what is different', async () => {
    const { rows } = await api<{ rows: { id: string; route: string; rule: string }[] }>(stage, 'incidents')
    const crm = rows.find(({ route, rule }) => route === 'crm' && rule === 'consecutive_failures')?.id ?? ''
    // The first is under way until the replay was cancelled, so exactly two are left.
    const { promise: cancelled, resolve: letGo } = Promise.withResolvers<void>()
    stage.crm.behave(async () => {
      await cancelled
      return { body: '{"status":"taken"}' }
    })
    const page = await pages.open(stage, `#/incidents/${crm}`)
    await page.getByRole('button', { name: 'Send the hurt callbacks again' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('To be sent').waitFor()
    await sheet.getByLabel('Why').fill('contacts are back')
    await sheet.getByRole('button', { name: 'Send 3 callbacks' }).click()
    await page.getByText('Under way', { exact: true }).first().waitFor()
    expect(page.url()).toContain('#/replays/')
    const answer = page.waitForResponse((response) => response.request().method() === 'DELETE')
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect((await answer).status()).toBe(200)
    letGo()
    await page.getByText('Somebody cancelled it. 2 callbacks were left as they were.').waitFor()
    await page.getByText('Why: contacts are back').waitFor()
    stage.crm.behave(() => ({ body: '{"status":"taken"}' }))
    await page.getByRole('button', { name: 'Send the rest' }).click()
    await page.getByRole('button', { name: 'Send 2 callbacks' }).click()
    await page.getByText('2 delivered, 0 failed').waitFor()
    await page.getByRole('button', { name: 'Compare replies' }).first().click()
    const difference = page.getByLabel('Difference of the replies')
    await difference.getByText('before: {"error":"contact was deleted"}').waitFor()
    await difference.getByText('now: {"status":"taken"}').waitFor()
    await goTo(page, '#/replays')
    await page.getByRole('row').filter({ hasText: 'Cancelled' }).waitFor()
  })

  it(
    'has nothing that axe finds fault with, in light and dark, and fits a phone',
    { timeout: 90_000 },
    async () => {
      const places = await everyPlace(stage)
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
        const page = await pages.open(stage, '', options)
        for (const place of places) {
          await goTo(page, place)
          await settled(page)
          // What the other screens show is made of the same parts.
          const isSame = rules.length > 0 && !/live|callbacks|routes|replays|configuration/.test(place)
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

/** One place for each screen, where it has something to show. */
async function everyPlace(stage: Stage): Promise<readonly string[]> {
  const ids = async (path: string): Promise<string> =>
    (await api<{ rows: { id: string }[] }>(stage, path)).rows.at(-1)?.id ?? ''
  return [
    '#/live',
    `#/callbacks/${await ids('callbacks?outcome=http_5xx')}`,
    `#/callbacks/${await ids('callbacks?result=rejected')}`,
    `#/calls/${CALL}`,
    '#/routes',
    '#/search?q=is:failed',
    '#/incidents',
    `#/incidents/${await ids('incidents')}`,
    '#/silences',
    '#/notifications',
    '#/rules',
    '#/dead-letters',
    `#/replays/${await ids('replays')}`,
    '#/configuration',
    '#/status',
    '#/start',
  ]
}
