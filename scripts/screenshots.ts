import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Page } from 'playwright-core'

import { openPage, startBrowser } from '../test/support/browser.ts'
import { type Stage, startStage } from '../test/support/page-stage.ts'
import { behaviours } from '../test/support/target-server.ts'

// Pictures of the page over a real daemon with real traffic, for README and docs: npm run screenshots

const folder = join(import.meta.dirname, '../docs/images')
const LARGEST_BYTES = 210_000
const STORY_CALL = '7f3d2c10-9b1e-4a55-8c2e-5d1f0a6b7c88'

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true },
] as const

const random = seeded(20_261_123)
const between = (from: number, to: number): number => from + Math.floor(random() * (to - from))

/** The same numbers each time, so that pictures change only when the page does. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

async function play(stage: Stage): Promise<void> {
  stage.support.behave(() => behaviours.after(between(8, 180), { body: '{"status":"received"}' })())
  stage.billing.behave(() => behaviours.after(between(60, 420), { body: 'ok' })())
  await stage.send({ event: 'call.initiated', callId: STORY_CALL, application: 'billing' })
  await sleep(900)
  await stage.send({ event: 'call.answered', callId: STORY_CALL, application: 'billing' })
  for (let round = 0; round < 14; round++) {
    await Promise.all([
      stage.send({ event: 'call.initiated', application: 'support-line' }),
      stage.send({ event: 'call.completed', application: 'billing' }),
      stage.send({ event: 'recording.completed', application: 'support-line' }),
      stage.send({ event: 'call.answered' }),
    ])
    await sleep(between(250, 700))
  }
  // The billing handler hangs, then breaks, and so does its fallback: an alert.
  stage.billing.behave(behaviours.hang)
  await stage.send({ event: 'call.completed', callId: STORY_CALL, application: 'billing' })
  stage.billing.behave(() => behaviours.status(502, '<html><h1>502 Bad Gateway</h1></html>'))
  stage.backup.behave(() => behaviours.after(240, { status: 503, body: 'no capacity' })())
  for (let round = 0; round < 4; round++) {
    await stage.send({
      event: 'call.completed',
      application: 'billing',
      ...(round === 0 ? { callId: STORY_CALL } : {}),
    })
    await stage.send({ event: 'call.initiated', application: 'support-line' })
  }
  await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
  stage.crm.behave(() => behaviours.status(410, '{"error":"contact was deleted"}'))
  for (let round = 0; round < 4; round++) await stage.send({ event: 'call.completed', application: 'crm' })
  stage.crm.behave(() => behaviours.status(500, 'database is locked'))
  await stage.send({ event: 'recording.completed', application: 'crm' })
  stage.support.behave(() => behaviours.after(2450, { body: 'slow' })())
  await stage.send({ event: 'call.completed', application: 'support-line' })
  stage.support.behave(() => behaviours.after(between(8, 90), { body: '{"status":"received"}' })())
  stage.billing.behave(behaviours.hang)
  stage.backup.behave(() => behaviours.after(190, { body: 'ok' })())
  await stage.send({ event: 'recording.completed', application: 'billing' })
  for (let round = 0; round < 3; round++) {
    await stage.send({ event: 'call.initiated', application: 'support-line' })
  }
}

interface Ids {
  readonly callback: string
  readonly incident: string
  readonly replay: string
}

async function idsOf(stage: Stage): Promise<Ids> {
  const url = `${stage.ringback.adminUrl}/api/v1`
  const get = async <Value>(path: string): Promise<Value> =>
    (await (await fetch(`${url}/${path}`)).json()) as Value
  type Rows = {
    readonly rows: readonly { readonly id: string; readonly route: string; readonly rule: string }[]
  }
  const story = await get<{ callbacks: { id: string; result: string }[] }>(`calls/${STORY_CALL}`)
  const { rows } = await get<Rows>('incidents')
  const incident = rows.find(({ route, rule }) => route === 'billing' && rule === 'consecutive_failures')
  return {
    callback: story.callbacks.find(({ result }) => result === 'failed')?.id ?? '',
    incident: incident?.id ?? '',
    replay: await replayDead(url),
  }
}

/** The handler is mended, and what it refused is sent once more. */
async function replayDead(url: string): Promise<string> {
  stage.crm.behave(() => behaviours.after(30, { body: '{"status":"received"}' })())
  const body = JSON.stringify({ result: 'dead', route: 'crm', reason: 'the contact database is restored' })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/replays`, { method: 'POST', headers, body })
  await sleep(1500)
  return ((await answer.json()) as { id: string }).id
}

const screens = (ids: Ids): readonly (readonly [string, string])[] => [
  ['live', '#/live'],
  ['callback', `#/callbacks/${ids.callback}`],
  ['call', `#/calls/${STORY_CALL}`],
  ['routes', '#/routes?window=1h'],
  ['search', '#/search?q=is%3Afailed+since%3A1h'],
  ['alerts', '#/incidents'],
  ['incident', `#/incidents/${ids.incident}`],
  ['replay', `#/replays/${ids.replay}`],
  [
    'configuration',
    '#/configuration?path=%2Fvobiz%2FMA_ACME&body=%7B%22application_id%22%3A%22billing%22%7D',
  ],
  ['start', '#/start'],
  ['status', '#/status'],
]

async function shoot(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  const { size } = statSync(path)
  console.log(`${name.padEnd(28)} ${(size / 1000).toFixed(0)} kB`)
  if (size > LARGEST_BYTES) process.exitCode = 1
}

async function shootAll({ name: look, ...options }: (typeof looks)[number]): Promise<void> {
  const { page, wrongs } = await openPage(browser, stage.ringback.adminUrl, { ...options, locale: 'en-GB' })
  for (const [name, place] of screens(ids)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    await page.goto(`${stage.ringback.adminUrl}/${place}`)
    await page.locator('h1').waitFor({ timeout: 5000 })
    await sleep(700) // the chart and the first answers
    await shoot(page, `${name}-${look}`)
  }
  await page.context().close()
  if (wrongs.length > 0) throw new Error(wrongs.join('\n'))
}

execFileSync(process.execPath, [join(import.meta.dirname, 'build-page.ts'), '--if-stale'])
mkdirSync(folder, { recursive: true })
await using stage = await startStage()
await play(stage)
const ids = await idsOf(stage)
const browser = await startBrowser()
const chosen = process.argv.slice(2)
try {
  for (const look of looks) await shootAll(look)
} finally {
  await browser.close()
}
