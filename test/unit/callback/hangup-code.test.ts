import { expect, test } from 'vitest'

import { hangupCodeOf } from '../../../src/callback/hangup-code.ts'

const at = (event: string, discriminator = '') => ({ event, discriminator })

test.each([
  ['StartApp', '', 7011, 8011],
  ['none', 'CallStatus=ringing;', 7011, 8011],
  ['none', 'Digits=1;', 7012, 8012],
  ['DialAction', '', 7012, 8012],
  ['Record', '', 7012, 8012],
  ['Transfer', '', 7013, 8013],
  ['Redirect', '', 7014, 8014],
])('%s %s ends a call as %i without an answer and as %i with a broken one', (event, which, none, broken) => {
  expect(hangupCodeOf(at(event, which), 'http_5xx')).toBe(none)
  expect(hangupCodeOf(at(event, which), 'timeout_response')).toBe(none)
  expect(hangupCodeOf(at(event, which), 'bad_xml')).toBe(broken)
  expect(hangupCodeOf(at(event, which), 'ok')).toBeUndefined()
})

test('what only reports ends no call', () => {
  expect(hangupCodeOf(at('Hangup'), 'http_5xx')).toBeUndefined()
  expect(hangupCodeOf(at('StartStream'), 'timeout_response')).toBeUndefined()
})
