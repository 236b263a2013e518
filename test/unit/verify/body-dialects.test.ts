import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { createVerifier } from '../../../src/verify/create-verifier.ts'
import { dialectNames } from '../../../src/verify/dialects.ts'
import { createReplayGuard } from '../../../src/verify/guard/create-replay-guard.ts'
import { sign } from '../../../src/verify/signing/sign.ts'
import type { Dialect, KeyRing, Verification } from '../../../src/verify/verifier.ts'
import {
  allKeys,
  BASE_URL,
  noKeys,
  NOW_MS,
  PARENT_TOKEN,
  raw,
  request,
  SECRET,
  signed,
  SIGNING_SECRET,
  TOKEN,
} from './signed-request.ts'

const everyKey: KeyRing = { ...allKeys, signingSecrets: [SIGNING_SECRET] }
const BODY = Buffer.from('{"Event":"CallInitiated","CallUUID":"u1","RequestID":"r-1"}')
const bodyDialects = ['trunk', 'ndnc', 'kyc', 'whatsapp'] as const

function verify(
  dialects: readonly Dialect[],
  headers: Readonly<Record<string, string>>,
  body: Buffer = BODY,
): Verification {
  return createVerifier(everyKey, { dialects })(request(raw(headers), { body }), NOW_MS)
}

function reason(verification: Verification): string {
  return verification.ok ? `accepted as ${verification.dialect}` : verification.reason
}

function guardKeyOf(dialect: Dialect, body: Buffer): string {
  const verification = verify([dialect], signed(dialect, { body }), body)
  return verification.ok ? verification.guardKey : ''
}

describe('the known signature over the raw body', () => {
  const body = Buffer.from('{"Event":"Hangup","CallUUID":"u1"}')
  const mac = 'f8029995a8f12e6d916f74688b4c5b551dfac3501aa8c6362e2d7bc4bec3269c'

  test.each([
    ['trunk', 'x-vobiz-signature', mac],
    ['ndnc', 'x-vobiz-signature', mac],
    ['kyc', 'x-vobiz-signature', `sha256=${mac}`],
    ['whatsapp', 'x-webhook-signature', mac],
  ] as const)('%s stands in %s', (dialect, header, value) => {
    const made = sign(dialect, { secret: 'secret', baseUrl: BASE_URL, body, nowSeconds: 0, nonce: '' })
    expect(made).toEqual({ [header]: value })
    const keys: KeyRing = { ...noKeys, signingSecrets: ['secret'], parentAuthTokens: ['secret'] }
    const verifier = createVerifier(keys, { dialects: [dialect] })
    // NDNC writes it in a case of its own.
    const asSent = raw({ [dialect === 'ndnc' ? 'X-VoBiz-Signature' : header]: value })
    expect(verifier(request(asSent, { body }), NOW_MS)).toMatchObject({ ok: true, dialect })
  })
})

describe('the declared set', () => {
  test('accepts each dialect where it is declared, and there only', () => {
    for (const dialect of dialectNames) {
      const headers = signed(dialect, { body: BODY })
      expect(reason(verify([dialect], headers))).toBe(`accepted as ${dialect}`)
      for (const other of dialectNames) {
        const sharesHeaderAndKey =
          (dialect === 'trunk' && other === 'ndnc') || (dialect === 'ndnc' && other === 'trunk')
        if (other === dialect || sharesHeaderAndKey) continue
        expect(verify([other], headers).ok, `${dialect} at a place for ${other}`).toBe(false)
      }
    }
  })

  test('is not widened by a key that happens to be there', () => {
    expect(reason(verify(['v3'], signed('v2')))).toBe('signature_missing')
    expect(reason(verify(['v3', 'v2'], signed('v2')))).toBe('accepted as v2')
    expect(reason(verify(['trunk'], signed('timestamp', { body: BODY })))).toBe('signature_bad')
  })

  test('signature headers that came twice are refused in every dialect', () => {
    for (const dialect of bodyDialects) {
      const headers = raw(signed(dialect, { body: BODY }))
      const verifier = createVerifier(everyKey, { dialects: [dialect] })
      expect(reason(verifier(request([...headers, ...headers], { body: BODY }), NOW_MS))).toBe(
        'signature_bad',
      )
    }
  })
})

describe('signatures that are not one', () => {
  const mac = createHmac('sha256', SIGNING_SECRET).update(BODY).digest('hex')
  test.each([
    ['with the prefix of KYC', `sha256=${mac}`],
    ['in capitals', mac.toUpperCase()],
    ['cut off', mac.slice(1)],
    ['in base64', Buffer.from(mac, 'hex').toString('base64')],
    ['empty', ''],
  ])('%s', (_, value) => {
    expect(reason(verify(['trunk'], { 'x-vobiz-signature': value }))).toBe('signature_bad')
  })

  test('KYC without its prefix', () => {
    const bare = signed('kyc', { body: BODY })['x-vobiz-signature']?.slice('sha256='.length) ?? ''
    expect(reason(verify(['kyc'], { 'x-vobiz-signature': bare }))).toBe('signature_bad')
  })

  test('the legacy signature of a voice callback is nobody’s claim', () => {
    expect(reason(verify(['trunk'], { 'x-vobiz-signature': 'q83vEjRWeJCrze8SNFZ4kKvN7xI=' }))).toBe(
      'signature_missing',
    )
  })
})

describe('keys', () => {
  test('KYC is signed by the parent, and by the account itself where it has none', () => {
    const kyc = { dialects: ['kyc'] as const }
    const byParent = raw(signed('kyc', { body: BODY }))
    const byOwn = raw(signed('kyc', { body: BODY, secret: TOKEN }))
    const sub = createVerifier({ ...noKeys, authTokens: [TOKEN], parentAuthTokens: [PARENT_TOKEN] }, kyc)
    const main = createVerifier({ ...noKeys, authTokens: [TOKEN] }, kyc)
    expect(sub(request(byParent, { body: BODY }), NOW_MS).ok).toBe(true)
    expect(sub(request(byOwn, { body: BODY }), NOW_MS).ok).toBe(false)
    expect(main(request(byOwn, { body: BODY }), NOW_MS).ok).toBe(true)
  })

  test('a webhook secret is no signing secret', () => {
    expect(reason(verify(['trunk'], signed('trunk', { body: BODY, secret: SECRET })))).toBe('signature_bad')
  })
})

describe('repeats', () => {
  const events = [
    '{"event_id":"e-1","event_type":"message.status","payload":{"status":"sent"}}',
    '{"event_id":"e-1","event_type":"message.status","payload":{"status":"sent"},"attempt":2}',
    '{"event_id":"e-2","event_type":"message.status","payload":{"status":"sent"}}',
  ].map((text) => Buffer.from(text))

  test('an event is known by its id also when its bytes are new', () => {
    const guard = createReplayGuard()
    const [first, again, other] = events.map((body) =>
      guard.admit(guardKeyOf('whatsapp', body), String(body.length).padStart(64, '0'), newId(), NOW_MS),
    )
    expect(first).toEqual({ kind: 'new' })
    expect(again).toMatchObject({ kind: 'joined' })
    expect(other).toEqual({ kind: 'new' })
  })

  test('the trunk’s start and end of a call are two events under one request id', () => {
    const start = guardKeyOf('trunk', BODY)
    const end = guardKeyOf('trunk', Buffer.from(BODY.toString().replace('CallInitiated', 'Hangup')))
    expect(start).toMatch(/^0[0-9a-f]{31}2[0-9a-f]{31}$/)
    expect(end.slice(32)).not.toBe(start.slice(32))
  })

  test('the same bytes with another query are refused, whatever the id', () => {
    const guard = createReplayGuard()
    const key = guardKeyOf('trunk', BODY)
    expect(guard.admit(key, 'a'.repeat(64), newId(), NOW_MS).kind).toBe('new')
    expect(guard.admit(key, 'b'.repeat(64), newId(), NOW_MS)).toMatchObject({ reason: 'nonce_reused' })
  })

  test('a body that is no JSON has the identity of its bytes alone', () => {
    expect(guardKeyOf('ndnc', Buffer.from('not json'))).toMatch(/^0[0-9a-f]{31}$/)
    expect(guardKeyOf('ndnc', Buffer.from('[1]'))).toHaveLength(32)
    expect(guardKeyOf('ndnc', Buffer.from('{"event_id":5}'))).toHaveLength(32)
  })

  let made = 0
  function newId(): string {
    made += 1
    return `01J${String(made).padStart(23, '0')}`
  }
})
