import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser } from '../support/browser.ts'
import { usePages } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { behaviours } from '../support/target-server.ts'

// The questions of a stranger in docs/page.md: each has a way here, which ends where the answer is read, with as many
// clicks as the document says.

const CALL = 'call-of-the-complaint'
const MOST_CLICKS = 3
const pages = usePages()

/** Each ends with the answer on the screen. */
const ways: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'Is anything wrong right now?': async (page) => {
    await page.getByRole('link', { name: /^Alerts \d firing/ }).click()
    await page.getByRole('region', { name: 'Firing now' }).getByText('billing').first().waitFor()
  },
  'Which route fails most today?': async (page) => {
    await page.getByRole('link', { name: 'Routes' }).click()
    await page.getByRole('article').first().getByRole('heading', { name: 'billing' }).waitFor()
  },
  'Was call X billed?': async (page) => {
    await findTheCall(page)
    await page.getByText('The handler was never told that the call ended').waitFor()
  },
  'Which callbacks of the call are missing?': async (page) => {
    await findTheCall(page)
    const steps = page.getByRole('region', { name: 'Steps of the call' })
    await steps.getByText('not seen').first().waitFor()
  },
  'What did the handler answer?': async (page) => {
    await theFailed(page).click()
    await page.getByRole('tab', { name: /^Reply 1/ }).click()
    await page.getByText('502 Bad Gateway').waitFor()
  },
  'What was Vobiz told, and after how long?': async (page) => {
    await theFailed(page).click()
    await page.getByText(/The provider was told 503 .*after/).waitFor()
  },
  'Which callbacks did the outage hurt?': async (page) => {
    await openTheIncident(page)
    const hurt = page.getByRole('region', { name: 'Exactly these callbacks' })
    await hurt.getByText(CALL).waitFor()
  },
  'Who was told of it, and when?': async (page) => {
    await openTheIncident(page)
    const told = page.getByRole('region', { name: 'Who was told' })
    await told.getByText('It fires, on slack').waitFor()
    await told.locator('time').first().waitFor()
  },
  'Is anybody knocking who must not come in?': async (page) => {
    await refused(page).waitFor()
  },
  'Which URL do I paste into Vobiz?': async (page) => {
    await page.getByRole('link', { name: 'Routes' }).click()
    await page.getByRole('button', { name: 'Copy the public URL of billing' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
  },
  'Why did this callback go there?': async (page) => {
    await theFailed(page).click()
    await page.getByRole('link', { name: 'why there?' }).click()
    await page.getByText('It goes to billing.').waitFor()
  },
  'Why does the signature not fit?': async (page) => {
    await refused(page).click()
    await page.getByRole('region', { name: 'Signature doctor' }).getByRole('listitem').first().waitFor()
  },
}

async function findTheCall(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Search' }).click()
  await page.getByRole('combobox', { name: 'Search callbacks' }).focus()
  await page.keyboard.type(`${CALL}\n`)
  await page.getByRole('link', { name: CALL }).first().click()
}

async function openTheIncident(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Alerts/ }).click()
  await page.getByRole('region', { name: 'Firing now' }).getByRole('link').first().click()
}

/** A callback that was refused, in the list of all of them. */
function refused(page: Page) {
  return {
    async waitFor() {
      await page.getByRole('link', { name: 'Search' }).click()
      await page.getByRole('button', { name: 'Not let in' }).click()
      await page.getByText('1 callback, that is all').waitFor()
    },
    async click() {
      await this.waitFor()
      await page.getByRole('region', { name: 'Found callbacks' }).getByRole('link').first().click()
    },
  }
}

const theFailed = (page: Page) =>
  page.getByRole('listitem').filter({ hasText: CALL }).filter({ hasText: 'Failed' }).getByRole('link')

/** The table of the document: each question with its number of clicks. */
function documented(): ReadonlyMap<string, number> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/page.md'), 'utf8')
  const [, section = ''] = text.split('## Twelve questions\n')
  const [table = ''] = section.split('\n## ')
  const rows = [...table.matchAll(/^\| ([^|]+\?) +\|.*\| (\d+) +\|$/gm)]
  return new Map(rows.map(([, question = '', clicks]) => [question.trim(), Number(clicks)]))
}

describe.runIf(hasBrowser)('the questions of a stranger', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.send({ event: 'call.initiated', callId: CALL, application: 'billing' })
    await stage.send({ event: 'call.completed', application: 'support-line' })
    stage.billing.behave(() => behaviours.status(502, '502 Bad Gateway'))
    stage.backup.behave(() => behaviours.status(503))
    await stage.send({ event: 'call.completed', callId: CALL, application: 'billing' })
    for (let n = 0; n < 3; n++) await stage.send({ event: 'call.completed', application: 'billing' })
    await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('are answered on the page with as many clicks as docs/page.md says, three at most', async () => {
    const questions = documented()
    expect([...questions.keys()]).toEqual(Object.keys(ways))
    const page = await pages.open(stage)
    await page.context().grantPermissions(['clipboard-write'])
    await page.getByRole('link', { name: /^Alerts \d firing/ }).waitFor()
    // A key that presses a button makes a click, too, of which the browser says that no pointer made it.
    await page.evaluate(`addEventListener('click', ({ detail }) => { if (detail > 0) clicks++ }, true)`)
    const counted = new Map<string, number>()
    for (const question of questions.keys()) {
      await page.evaluate(`globalThis.clicks = 0; location.hash = ''`)
      await page.getByRole('heading', { name: 'Live' }).waitFor()
      await ways[question]?.(page).catch((cause: unknown) => {
        throw new Error(question, { cause })
      })
      counted.set(question, await page.evaluate<number>('clicks'))
    }
    expect(counted).toEqual(questions)
    expect(Math.max(...counted.values())).toBeLessThanOrEqual(MOST_CLICKS)
  })
})
