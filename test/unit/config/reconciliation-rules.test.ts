import { describe, expect, it } from 'vitest'

import { problemsOf, warningsOf } from './load-text.ts'

const text = (rest: string, token = 'auth_token: { env: VOBIZ_AUTH_TOKEN }'): string =>
  `public_url: https://cb.example.com
accounts: [{ id: MA_1, ${token}, default_callback_url: "https://api.example.com/" }]
${rest}`

const about = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\S+ {2}/, '')).filter((line) => /reconciliation|sample/.test(line))

describe('reconciliation', () => {
  it('is off without its section, and needs nothing in it', () => {
    expect(about(problemsOf(text('')))).toEqual([])
    expect(about(problemsOf(text('reconciliation: {}')))).toEqual([])
  })

  it.each([
    [
      'reconciliation: { accounts: [MA_2] }',
      'reconciliation.accounts[0]: is no account of this configuration',
    ],
    [
      'reconciliation: { api_base: "http://api.example.com" }',
      'reconciliation.api_base: must be https: requests to the API carry credentials',
    ],
    [
      'reconciliation: { api_base: "https://10.0.0.7" }',
      'reconciliation.api_base: points at a private address; to allow it write allow_targets: [10.0.0.0/8]',
    ],
    [
      'reconciliation: { numbers: [reception] }',
      'reconciliation.numbers[0]: must be a phone number such as +918065480214',
    ],
  ])('%s', (rest, problem) => {
    expect(about(problemsOf(text(rest)))).toEqual([problem])
  })

  it('needs the key to the API', () => {
    const secret = 'webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }'
    expect(about(problemsOf(text('reconciliation: {}', secret)))).toEqual([
      'reconciliation: needs an account with auth_token: it is the key to the API',
    ])
    expect(about(problemsOf(text('reconciliation: { accounts: [MA_1] }', secret)))).toEqual([
      'reconciliation.accounts[0]: has no auth_token, which is the key to the API; set it at the account',
    ])
  })

  it('warns where the ledger leaves out what it compares with', () => {
    const rest = 'reconciliation: {}\nledger: { sample: { Hangup: 0.5, ClearedAudio: 0 } }'
    expect(about(warningsOf(text(rest)))).toEqual([
      'ledger.sample.Hangup: leaves out ends of calls, which reconciliation will report as missing; keep all of them',
    ])
  })
})
