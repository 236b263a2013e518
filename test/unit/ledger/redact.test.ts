import { runInNewContext } from 'node:vm'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { headerPairsOf, headerTextOf } from '../../../src/callback/header-text.ts'
import {
  redactBody,
  redactBytes,
  redactHeaders,
  redactTarget,
  redactWords,
  withMask,
} from '../../../src/ledger/redact.ts'
import { redactForm } from '../../../src/ledger/redact/form.ts'
import { redactJson } from '../../../src/ledger/redact/json.ts'
import { redactXml } from '../../../src/ledger/redact/xml.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../support/random.ts'

const PHONE = '14155551234'
const SECRET = 'canary-7f3a'

describe('redaction', () => {
  test('keeps the ends of a telephone number', () => {
    expect(redactWords(`+${PHONE} or +1 (415) 555-1234`)).toBe('+1415•••1234 or +1415•••1234')
    expect(redactBody('From=5551234')).toBe('From=•••34')
  })

  test.each([
    [`{"from":"+${PHONE}"}`],
    [`{"to":${PHONE}}`],
    [`{"To" : "sip:${PHONE}@host"}`],
    [`{"numbers":["+${PHONE}"],"to":["${PHONE}",${PHONE}]}`],
    [`{"note":"call me at +1 (415) 555-1234 or \\u002b${PHONE}"}`],
    [`[{"caller_id":"${PHONE}"}]`],
    [`{"list":[{"phone_number":"${PHONE}"}]}`],
    [`{"to":"${PHONE}`],
    [`From=%2B${PHONE}&To=${PHONE}&x=1`],
    [`Event=Hangup&CallerName=${PHONE}`],
    [`<Response><Dial callerId="${PHONE}"><Number>${PHONE}</Number></Dial></Response>`],
    [`<Response><Dial callerId='+${PHONE}'>${PHONE}</Dial></Response>`],
    [`called +${PHONE} today`],
  ])('masks the number in %s', (text) => {
    const masked = redactBody(text)
    expect(masked).not.toContain('5551234')
    expect(masked).not.toContain('555-1234')
    expect(masked).toContain('•••')
  })

  test.each([
    [`{"webhook_secret":"${SECRET}"}`],
    [`{"Auth_Token" : "${SECRET}"}`],
    [`{"password":"a\\"${SECRET}"}`],
    [`{"token":"${SECRET}`],
    [`{"api_key":["${SECRET}"]}`],
    [`{"a":1,"nested":{"apiKey":"${SECRET}"}}`],
    [`{"payload":"{\\"token\\": \\"${SECRET}\\"}"}`],
    [`{"token"\n:\t"${SECRET}"}`],
    [`{"token":"${SECRET}\\`],
    [`auth_token=${SECRET}&x=1`],
    [`x=1&api%5Fkey=${SECRET}`],
    [`<Gather action="https://h/x?token=${SECRET}"/>`],
    [`{"digits":"${SECRET}"}`],
    [`Digits=${SECRET}`],
    [`next=https://h/?token=${SECRET}`],
    [`ready; token=${SECRET}`],
    [`{"note":"\u00e0","token":"\u00e0${SECRET}"}`],
    [`note=\u00e0&token=\u00e0${SECRET}`],
    [`of\u00a0otp=${SECRET}`],
    [`\ufeff<Gather token="${SECRET}"/>`],
    [`{"speech":"${SECRET}"}`],
  ])('masks the secret in %s', (text) => {
    expect(redactBody(text)).not.toContain(SECRET)
    expect(asBytes(text)).not.toContain(SECRET)
  })

  test('masks bytes as it masks the text they stand for, and leaves every other byte as it came', () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    for (let round = 0; round < 3000; round++) {
      const text = randomBody(random)
      expect(asBytes(text), `TEST_SEED=${seed}`).toBe(redactBody(text))
      expect(asBytes(text).replaceAll('•••', SECRET), `TEST_SEED=${seed}`).toBe(
        text.replaceAll(/14155550123/g, `1415${SECRET}0123`),
      )
    }
    for (let round = 0; round < 300; round++) {
      const noise = Buffer.from(Array.from({ length: 40 }, () => intBelow(random, 256) | 128)).toString(
        'latin1',
      )
      expect(redactBytes(`{"${noise}":"${noise}","token":"${noise}"}`).split('"token"')[0]).toBe(
        `{"${noise}":"${noise}",`,
      )
    }
  })

  test('leaves everything else as it came', () => {
    const body =
      '{ "event":"call.completed", "duration": 42,"x":[1,2,{"y":"z"}], "call_id":"3f2a8c1e-0000-4000" }'
    expect(redactBody(body)).toBe(body)
    expect(redactForm('Event=Hangup&Duration=42')).toBe('Event=Hangup&Duration=42')
    expect(redactXml('<Response><Speak>Hello 12</Speak></Response>')).toBe(
      '<Response><Speak>Hello 12</Speak></Response>',
    )
  })

  test('masks headers by name and numbers in the others', () => {
    const secretNames = [
      'Authorization',
      'Cookie',
      'X-Vobiz-Signature-V3',
      'X-Vobiz-Signature-V3-Nonce',
      'X-API-Key',
    ]
    const headers = [...secretNames, 'X-Custom-Token'].flatMap((name) => [name, SECRET])
    headers.push('Referer', `https://h/?token=${SECRET}`, 'X-Note', `+${PHONE}`, 'Accept', '*/*')
    const masked = headerPairsOf(withMask(redactHeaders(headerTextOf(headers))))
    expect(masked.join('\n')).not.toContain(SECRET)
    expect(masked.join('\n')).not.toContain(PHONE)
    expect(masked.slice(-2)).toEqual(['Accept', '*/*'])
    expect(masked).toHaveLength(headers.length)
  })

  test('masks paths and queries', () => {
    expect(redactTarget(`/ivr/+${PHONE}/${PHONE}`, `?token=${SECRET}&from=${PHONE}&step=2`)).toBe(
      '/ivr/+1415•••1234/1415•••1234?token=•••&from=1415•••1234&step=2',
    )
    expect(redactTarget('/c/4155551234', '')).toBe('/c/4155•••1234')
    expect(redactTarget('/c/%2b4915551', '')).toBe('/c/%2b•••51')
    expect(redactTarget('/c/415555123/x', '')).toBe('/c/415555123/x')
  })

  test('never fails and never lets a planted value of a secret field through, whatever surrounds it', () => {
    const noise = fc.string({ unit: 'binary', maxLength: 80 })
    fc.assert(
      fc.property(noise, noise, fc.constantFrom('token', 'password', 'api_key'), (before, after, name) => {
        redactBody(before + after)
        const json = JSON.stringify({ before, [name]: SECRET, after })
        expect(redactJson(json)).not.toContain(SECRET)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    'x',
    '"',
    ':',
    '":',
    '" :',
    '"token":[',
    '"token":"a',
    '\\"token\\":',
    '"a":[',
    '<Number ',
    'a=',
    '\\"',
    '+1',
    ' ',
    '1 ',
  ])(
    'gets through a long body made of %j, where work that grows with its square would take hours',
    (unit) => {
      const text = unit.repeat(2 ** 20 / unit.length)
      for (const redact of [redactJson, redactForm, redactXml])
        expect(() => stopEndless(() => redact(text))).not.toThrow()
    },
  )
})

/** A body as its bytes are masked. */
function asBytes(text: string): string {
  return Buffer.from(redactBytes(Buffer.from(text).toString('latin1')), 'latin1').toString()
}

/** A body of any kind whose secrets are all `SECRET`, with a telephone number in some fields, among words of any script. */
function randomBody(random: () => number): string {
  const words = ['plain', 'à la carte', 'ж', '電話', '🙂', 'a b', '12', 'é', 'K', '…']
  const fields = Array.from({ length: 1 + intBelow(random, 8) }, () =>
    pick(random, [
      () => [pick(random, ['token', 'Auth_Token', 'x-password', 'digits', 'speech']), SECRET] as const,
      () => [pick(random, ['to', 'From', 'caller_id', 'X-To']), '14155550123'] as const,
      () => [pick(random, ['event', 'note', 'größe', '名前']), pick(random, words)] as const,
    ])(),
  )
  return pick(random, [
    () => JSON.stringify(Object.fromEntries(fields), undefined, intBelow(random, 3)),
    () => JSON.stringify([pick(random, words), { nested: Object.fromEntries(fields) }]),
    () => fields.map(([name, value]) => `${name}=${value}`).join('&'),
    () =>
      `<Response ${fields.map(([name, value], n) => `${/\W/.test(name) ? `a${n}` : name}="${/\W/.test(name) ? 'x' : value}"`).join(' ')}>${pick(random, words)}</Response>`,
  ])()
}

/** Ends work that would not end by itself; what takes milliseconds is far from that on the slowest machine. */
function stopEndless(work: () => void): void {
  runInNewContext('work()', { work }, { timeout: 20_000 })
}
