import { describe, expect, it } from 'vitest'

import { problemsOf, warningsOf } from './load-text.ts'

const url = 'https://h.example.com/'
const key = '{ env: VOBIZ_WEBHOOK_SECRET }'
const account = (rest: string): string =>
  `public_url: https://cb.example.com\naccounts: [{ id: MA_1, webhook_secret: ${key}, ${rest} }]`
const said = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\S+ {2}/, ''))

function saidOfRoute(rest: string) {
  return said(problemsOf(`routes: [{ id: r, path: /wa, target: "${url}", signing_secret: ${key}${rest} }]`))
}

describe('declared dialects', () => {
  it.each([
    ['dialects: [v3]', 'accounts[0].dialects[0]: v3 needs auth_token of the account'],
    ['dialects: [trunk]', 'accounts[0].dialects[0]: trunk needs signing_secret beside it'],
    [
      `auth_token: ${key}, dialects: [timestamp, kyc]`,
      'accounts[0].dialects[1]: kyc and timestamp both sign in x-vobiz-signature; give each a path of its own',
    ],
    [
      `trunks: [{ id: t, status_callback: "${url}", dialects: [ndnc] }]`,
      'accounts[0].trunks[0].dialects[0]: ndnc needs signing_secret beside it',
    ],
  ])('%s', (rest, problem) => {
    expect(said(problemsOf(account(rest)))).toEqual([problem])
  })

  it('of a route need its own secret and say what it is for', () => {
    expect(saidOfRoute('')).toEqual([
      'routes[0].signing_secret: is of no use without dialects: [trunk], [ndnc] or [whatsapp]',
    ])
    expect(saidOfRoute(', dialects: [whatsapp]')).toEqual([])
  })

  it('that leave a secret unused are worth a warning', () => {
    const trunk = `trunks: [{ id: t, status_callback: "${url}", signing_secret: ${key}, dialects: [timestamp] }]`
    expect(said(warningsOf(account(trunk))).join()).toContain(
      'accounts[0].trunks[0].signing_secret: is not used: none of the dialects beside it signs with it',
    )
  })

  it('a trunk with a secret needs nothing else', () => {
    expect(
      problemsOf(account(`trunks: [{ id: t, status_callback: "${url}", signing_secret: ${key} }]`)),
    ).toEqual([])
  })
})
