import { describe, expect, it } from 'vitest'

import { completeExample } from '../../../src/config/complete-example.ts'
import { effectiveSettings, type Setting } from '../../../src/config/effective.ts'
import { env, load } from './load-text.ts'

const settings = effectiveSettings(load(completeExample))

function setting(field: string, among: readonly Setting[] = settings): Setting {
  const found = among.find((each) => each.field === field)
  if (found === undefined) throw new Error(`no ${field} in ${among.map((each) => each.field).join(' ')}`)
  return found
}

/** The line of the example that holds a text. */
function lineOf(text: string): number {
  return completeExample.split('\n').findIndex((line) => line.includes(text)) + 1
}

it('gives what the file sets with its line, and what it leaves out as a default', () => {
  const listen = setting('listen')
  expect(listen.value).toBe('0.0.0.0:8080')
  expect(listen.line).toBe(lineOf('listen: 0.0.0.0:8080'))
  const margin = setting('defaults.margin', effectiveSettings(load('public_url: https://cb.example.com')))
  expect([margin.value, margin.line]).toEqual(['200ms', undefined])
})

it('names entries by their id and writes durations and sizes as the file does', () => {
  expect(setting('routes.ivr.deadline').value).toBe('10s')
  expect(setting('rescue.schedule').value).toEqual([
    '1s', '5s', '30s', '2m', '10m', '1h', '3h', '6h', '6h', '6h',
  ]) // prettier-ignore
  expect(setting('ledger.max_size').value).toBe('20GB')
})

it('says whether a secret is set and where it comes from, and never what it is', () => {
  const set = setting('accounts.MA_TEST123.auth_token')
  expect([set.isSecret, set.value, set.secretFrom]).toEqual([true, undefined, ['env VOBIZ_AUTH_TOKEN']])
  const unset = setting('accounts.MA_TEST123.parent_auth_token')
  expect([unset.isSecret, unset.secretFrom]).toEqual([true, []])
  const text = JSON.stringify(settings)
  for (const secret of Object.values(env).filter((value) => value.length > 6)) {
    expect(text).not.toContain(secret)
  }
})

it('hides headers for handlers, also those that are written in the file', () => {
  const found = effectiveSettings(load(completeExample.replace('{ env: HANDLER_API_KEY }', 'hush-plain')))
  const header = setting('accounts.MA_TEST123.applications.app-12345.callback_headers.X-API-Key', found)
  expect([header.isSecret, header.value, header.secretFrom]).toEqual([true, undefined, ['the file']])
})

it('masks user, password and query of URLs', () => {
  const file = `public_url: https://cb.example.com
routes: [{ id: r, path: /r, signature: off, target: "https://user:hush@api.example.com/x?key=hush&b=hush#ct=2000" }]`
  expect(setting('routes.r.target', effectiveSettings(load(file))).value).toBe(
    'https://***@api.example.com/x?key=***&b=***#ct=2000',
  )
})

it('tells which entry a policy comes from when its own does not set it', () => {
  const file = `public_url: https://cb.example.com
defaults: { on_failure: rescue }
accounts:
  - id: MA_1
    webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }
    deadline: 5s
    applications: [{ id: app, callback_url: https://api.example.com }]`
  const found = effectiveSettings(load(file))
  const deadline = setting('accounts.MA_1.applications.app.deadline', found)
  expect([deadline.value, deadline.inheritedFrom, deadline.line]).toEqual(['5s', 'accounts.MA_1.deadline', 6])
  const onFailure = setting('accounts.MA_1.applications.app.on_failure', found)
  expect([onFailure.value, onFailure.inheritedFrom, onFailure.line]).toEqual([
    'rescue',
    'defaults.on_failure',
    2,
  ])
  const after = setting('accounts.MA_1.consecutive_failures', found)
  expect([after.value, after.inheritedFrom, after.line]).toEqual([
    3,
    'alerts.consecutive_failures',
    undefined,
  ])
})

it('says what waits for a restart, and what each setting means', () => {
  expect(setting('listen').needsRestart).toBe(true)
  expect(setting('defaults.deadline').needsRestart).toBe(false)
  expect(setting('defaults.deadline').doc).toContain('provider')
})

describe('what the file says otherwise since the start', () => {
  const plain = 'public_url: https://cb.example.com\n'
  const start = load(`${plain}listen: 127.0.0.1:8080\n`)
  const shown = (text: string, started = start.config) => {
    const found = effectiveSettings(load(text), started)
    return Object.fromEntries(found.map((each) => [each.field, [each.value, each.waitsForRestart]]))
  }

  it('is shown with the value in force and marked, until the file says that again', () => {
    expect(shown(`${plain}listen: 127.0.0.1:9090\n`)['listen']).toEqual(['127.0.0.1:8080', true])
    expect(shown(plain)['listen']).toEqual(['127.0.0.1:8080', true])
    expect(shown(`${plain}listen: 127.0.0.1:8080\n`)['listen']).toEqual(['127.0.0.1:8080', false])
  })

  it('counts at once where it waits for nothing', () => {
    const more = shown(`${plain}defaults: { deadline: 2s }\n`)
    expect(more['defaults.deadline']).toEqual(['2s', false])
  })

  it('is set to nothing where it begins with the next start, and goes on where it ends with it', () => {
    const captured = `${plain}capture: { listen: "127.0.0.1:7000" }\n`
    expect(shown(captured)['capture.listen']).toEqual([undefined, true])
    expect(shown(plain, load(captured).config)['capture.listen']).toEqual(['127.0.0.1:7000', true])
  })
})
