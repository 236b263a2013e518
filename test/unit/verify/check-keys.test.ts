import { expect, test } from 'vitest'

import { checkKeys } from '../../../src/verify/check-keys.ts'
import { noKeys } from './signed-request.ts'

const LONG = 'a-long-enough-secret'

test('secrets of 16 characters and more are fine', () => {
  expect(
    checkKeys({
      webhookSecrets: [LONG],
      authTokens: [LONG, '0123456789abcdef'],
      parentAuthTokens: [LONG],
      signingSecrets: [LONG],
    }),
  ).toEqual([])
  expect(checkKeys(noKeys)).toEqual([])
})

test('an empty, blank or short one is named by its key and place', () => {
  const problems = checkKeys({
    webhookSecrets: [LONG, ''],
    authTokens: ['short-one'],
    parentAuthTokens: ['   '],
    signingSecrets: ['also-short'],
  })
  expect(problems.map(({ key, index }) => `${key} ${index}`)).toEqual([
    'webhook_secret 1',
    'auth_token 0',
    'parent_auth_token 0',
    'signing_secret 0',
  ])
  expect(problems[1]?.problem).toContain('9 characters')
  expect(JSON.stringify(problems)).not.toContain('short-one')
})
