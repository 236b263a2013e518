import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { completeExample } from '../../../src/config/complete-example.ts'
import {
  changesBetween,
  fixedAtStart,
  formatChange,
  inForce,
  needsRestart,
} from '../../../src/config/reload.ts'
import { env, load } from './load-text.ts'
import { everyKey, takenOver } from './taken-over.ts'

const before = load(completeExample).config

function changes(
  change: (text: string) => string,
  variables: Readonly<Record<string, string>> = {},
): string[] {
  const after = load(change(completeExample), { env: { ...env, ...variables } }).config
  return changesBetween(before, after).map(formatChange)
}

it('says nothing of a file that says the same', () => {
  expect(changes((text) => `# another comment\n${text}`)).toEqual([])
})

it('names a setting with its old and new value, and an entry by its id', () => {
  expect(
    changes((text) =>
      text
        .replace('deadline: 10s', 'deadline: 8s')
        .replace('https://backup.example.com/', 'https://user:hush@spare.example.com/')
        .replace('consecutive_failures: 3', 'consecutive_failures: 5'),
    ),
  ).toEqual([
    'accounts.MA_TEST123.applications.app-12345.fallback_callback_url changed from https://backup.example.com/webhooks/vobiz/calls to https://spare.example.com/webhooks/vobiz/calls',
    'routes.ivr.deadline changed from 10s to 8s',
    'alerts.consecutive_failures changed from 3 to 5',
  ])
})

it('says that a secret changed, and nothing else of it', () => {
  expect(
    changes((text) => text, { VOBIZ_AUTH_TOKEN: 'hush-another-token', HANDLER_API_KEY: 'hush-another-key' }),
  ).toEqual([
    'accounts.MA_TEST123.auth_token changed',
    'accounts.MA_TEST123.applications.app-12345.callback_headers.X-API-Key changed',
  ])
  expect(changes((text) => text.replace('{ env: HANDLER_API_KEY }', 'hush')).join()).not.toContain('hush')
})

it('tells routes that came from routes that went', () => {
  expect(changes((text) => text.replace('id: ivr', 'id: menu')).toSorted()).toEqual([
    'routes.ivr removed',
    'routes.menu added',
  ])
})

it('says what waits for a restart', () => {
  expect(
    changes((text) =>
      text
        .replace('listen: 0.0.0.0:8080', 'listen: 0.0.0.0:9090')
        .replace('durability: full', 'durability: answer')
        .replace('defaults: {', 'trusted_proxies: [10.0.0.1]\ndefaults: { max_in_flight: 7,'),
    ).map((change) => change.replace(/ changed( from .*? to \S+)?/, '')),
  ).toEqual([
    'listen (takes effect after a restart)',
    'trusted_proxies (takes effect after a restart)',
    'defaults.max_in_flight (takes effect after a restart)',
    'ledger.durability (takes effect after a restart)',
  ])
})

it('says it of every setting that a reload does not bring into force, and of no other', () => {
  const keys = everyKey()
  expect(keys.length).toBeGreaterThan(250)
  // A key that is new stands in neither list: follow it to where it is used, then add it to one of them.
  expect(keys.filter((key) => !needsRestart(key)).toSorted()).toEqual(takenOver.toSorted())
})

it('says it of nothing else than the manual', () => {
  const manual = readFileSync('docs/operations.md', 'utf8').split('\n## Reload\n')[1]?.split('\n## ')[0] ?? ''
  const [, list = ''] = /\n((?:`[^`]+`[^.`]*)+) count only after a restart/.exec(manual) ?? []
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, key = '']) => key)
  expect(named.toSorted()).toEqual(fixedAtStart.toSorted())
})

it('keeps what is fixed to the start, and whatever else to what was taken over since', () => {
  const taken = load(
    completeExample
      .replace('listen: 0.0.0.0:8080', 'listen: 0.0.0.0:9090')
      .replace('consecutive_failures: 3', 'consecutive_failures: 5'),
  ).config
  const running = inForce(before, taken)
  expect(changesBetween(before, running).map(({ field }) => field)).toEqual(['alerts.consecutive_failures'])
  expect(changesBetween(running, taken).map(({ field }) => field)).toEqual(['listen'])
})

it('keeps a section that only the start has, or only the file, out of force as a whole', () => {
  const plain = 'public_url: https://cb.example.com\n'
  const [without, captured] = [load(plain).config, load(`${plain}capture: {}\n`).config]
  expect(inForce(without, captured).capture).toBeUndefined()
  expect(inForce(captured, without).capture).toEqual(captured.capture)
})
