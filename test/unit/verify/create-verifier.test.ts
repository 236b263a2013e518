import { describe, expect, test } from 'vitest'

import { createVerifier } from '../../../src/verify/create-verifier.ts'
import type { KeyRing, Verification } from '../../../src/verify/verifier.ts'
import {
  allKeys,
  BODY,
  noKeys,
  NONCE_V2,
  NONCE_V3,
  NOW_MS,
  NOW_SECONDS,
  PARENT_TOKEN,
  raw,
  request,
  SECRET,
  signed,
  TOKEN,
} from './signed-request.ts'

const secretOnly: KeyRing = { ...noKeys, webhookSecrets: [SECRET] }
const tokenOnly: KeyRing = { ...noKeys, authTokens: [TOKEN] }
const parentOnly: KeyRing = { ...noKeys, parentAuthTokens: [PARENT_TOKEN] }

function verify(keys: KeyRing, rawHeaders: readonly string[], body: Uint8Array = BODY): Verification {
  return createVerifier(keys)(request(rawHeaders, { body }), NOW_MS)
}

function reason(verification: Verification): string {
  return verification.ok ? 'accepted' : verification.reason
}

function keyOf(keys: KeyRing, rawHeaders: readonly string[]): string {
  const verification = verify(keys, rawHeaders)
  return verification.ok ? verification.guardKey : ''
}

describe('what is missing', () => {
  test('a request without signature headers lacks its signature', () => {
    expect(reason(verify(allKeys, ['Host', 'cb.example.com']))).toBe('signature_missing')
    expect(reason(verify(allKeys, []))).toBe('signature_missing')
    expect(reason(verify(noKeys, raw(signed('timestamp'))))).toBe('signature_missing')
  })

  test('a signature of a dialect whose key the account does not have counts as missing', () => {
    expect(reason(verify(secretOnly, raw(signed('v3'))))).toBe('signature_missing')
    expect(reason(verify(tokenOnly, raw(signed('timestamp'))))).toBe('signature_missing')
    expect(reason(verify(tokenOnly, raw(signed('ma-v3'))))).toBe('signature_missing')
    expect(reason(verify(parentOnly, raw(signed('v2'))))).toBe('signature_missing')
  })

  test('a timestamp without signature lacks the signature, a signature without timestamp the timestamp', () => {
    const { 'x-vobiz-signature': signature = '', 'x-vobiz-timestamp': timestamp = '' } = signed('timestamp')
    expect(reason(verify(secretOnly, raw({ 'x-vobiz-timestamp': timestamp })))).toBe('signature_missing')
    expect(reason(verify(secretOnly, raw({ 'x-vobiz-signature': signature })))).toBe('timestamp_bad')
  })

  test('the legacy V1 signature in the shared header is nobody’s business', () => {
    const v1 = { 'X-Vobiz-Signature': 'q83vEjRWeJCrze8SNFZ4kKvN7xI=' }
    expect(reason(verify(allKeys, raw(v1)))).toBe('signature_missing')
    expect(verify(allKeys, raw(v1, signed('v3')))).toMatchObject({ ok: true, dialect: 'v3' })
  })
})

describe('timestamps', () => {
  test.each([
    'abc',
    '',
    '0',
    '0x6955b900',
    '1767225600.0',
    ' 1767225600',
    '1767225600 ',
    '+1767225600',
    '-1767225600',
  ])('%j is not one, even under a good signature', (timestamp) => {
    expect(reason(verify(secretOnly, raw(signedAt(timestamp, BODY))))).toBe('timestamp_bad')
  })

  test.each([
    '17672256000',
    '176722560',
    '1e9',
    '0767225600',
    '１７６７２２５６００',
    '1767225600\n',
    'NaN',
    'Infinity',
  ])('%j is not one either', (timestamp) => {
    expect(reason(verify(secretOnly, raw(signedAt(timestamp, BODY))))).toBe('timestamp_bad')
  })

  test('the dot between timestamp and body cannot be moved', () => {
    const captured = signedAt('1700000000', Buffer.from('{"event":"call.completed","duration":12}'))
    const moved = { ...captured, 'x-vobiz-timestamp': '1700000000.{"event":"call' }
    expect(reason(verify(secretOnly, raw(moved), Buffer.from('completed","duration":12}')))).toBe(
      'timestamp_bad',
    )
  })

  test.each([
    [0, 'accepted'],
    [-300, 'accepted'],
    [300, 'accepted'],
    [-301, 'timestamp_stale'],
    [301, 'timestamp_stale'],
    [-3 * 365 * 86_400, 'timestamp_stale'],
  ])('one %i seconds from now is %s', (offset, expected) => {
    const headers = signed('timestamp', { nowSeconds: NOW_SECONDS + offset })
    expect(reason(verify(secretOnly, raw(headers)))).toBe(expected)
  })

  test('the window can be narrowed', () => {
    const narrow = createVerifier(secretOnly, { windowMs: 10_000 })
    const headers = raw(signed('timestamp', { nowSeconds: NOW_SECONDS - 11 }))
    expect(reason(narrow(request(headers), NOW_MS))).toBe('timestamp_stale')
  })

  test('a forged signature is bad, not stale, however old it says it is', () => {
    const headers = { ...signed('timestamp'), 'x-vobiz-timestamp': '1500000000' }
    expect(reason(verify(secretOnly, raw(headers)))).toBe('signature_bad')
  })
})

describe('signatures that are not one', () => {
  const good = signed('timestamp')['x-vobiz-signature'] ?? ''
  test.each([
    ['empty', ''],
    ['cut off', good.slice(0, 63)],
    ['too long', `${good}0`],
    ['with a prefix', `sha256=${good}`],
    ['in capitals', good.toUpperCase()],
    ['64 multi-byte characters', 'é'.repeat(64)],
    ['64 characters beyond Latin-1', '€'.repeat(64)],
    ['64 zero bytes', '\0'.repeat(64)],
    ['listed twice in one header', `${good}, ${good}`],
    ['a megabyte', 'a'.repeat(1_048_576)],
    ['of another body', signed('timestamp', { body: Buffer.from('{}') })['x-vobiz-signature'] ?? ''],
    ['of another secret', signed('timestamp', { secret: 'another' })['x-vobiz-signature'] ?? ''],
  ])('%s', (_, signature) => {
    expect(reason(verify(secretOnly, raw({ ...signed('timestamp'), 'x-vobiz-signature': signature })))).toBe(
      'signature_bad',
    )
  })

  test('base64 in another spelling of the same bytes', () => {
    const headers = signed('v3')
    const last = headers['x-vobiz-signature-v3'] ?? ''
    const respelled = `${last.slice(0, 42)}${String.fromCodePoint((last.codePointAt(42) ?? 0) + 1)}=`
    expect(Buffer.from(respelled, 'base64')).toEqual(Buffer.from(last, 'base64'))
    for (const signature of [respelled, last.replace('=', ''), last.replaceAll('/', '_'), `${last}=`]) {
      expect(reason(verify(tokenOnly, raw({ ...headers, 'x-vobiz-signature-v3': signature })))).toBe(
        'signature_bad',
      )
    }
  })
})

describe('duplicate headers are refused', () => {
  test.each([
    ['x-vobiz-signature', 'timestamp', 'signature_bad'],
    ['x-vobiz-timestamp', 'timestamp', 'timestamp_bad'],
    ['x-vobiz-signature-v3', 'v3', 'signature_bad'],
    ['x-vobiz-signature-v3-nonce', 'v3', 'signature_bad'],
    ['x-vobiz-signature-ma-v2', 'ma-v2', 'signature_bad'],
  ] as const)('%s', (name, dialect, expected) => {
    const headers = signed(dialect)
    const twice = [...raw(headers), name.toUpperCase(), headers[name] ?? '']
    expect(reason(verify(allKeys, twice))).toBe(expected)
  })
})

describe('nonces', () => {
  test.each([
    '',
    '1',
    NONCE_V3.slice(1),
    `${NONCE_V3}0`,
    `0x${NONCE_V3.slice(2)}`,
    `${NONCE_V3.slice(0, 19)}٣`,
  ])('%j is not one, even under a good signature', (nonce) => {
    expect(reason(verify(tokenOnly, raw(signed('v3', { nonce }))))).toBe('signature_bad')
  })

  test('the boundary between URL and nonce cannot be moved', () => {
    const captured = signed('v2', { baseUrl: 'https://cb.example.com/step/1' })
    const moved = { ...captured, 'x-vobiz-signature-v2-nonce': NONCE_V2.slice(1) }
    const shifted = request(raw(moved), { baseUrl: `https://cb.example.com/step/1${NONCE_V2[0] ?? ''}` })
    expect(reason(createVerifier(tokenOnly)(shifted, NOW_MS))).toBe('signature_bad')
  })

  test('a V3 signature does not pass as V2 with a dot in the nonce', () => {
    const asV2 = {
      'x-vobiz-signature-v2': signed('v3')['x-vobiz-signature-v3'] ?? '',
      'x-vobiz-signature-v2-nonce': `.${NONCE_V3}`,
    }
    expect(reason(verify(tokenOnly, raw(asV2)))).toBe('signature_bad')
  })

  test('a signature without its nonce is bad', () => {
    const { 'x-vobiz-signature-v3': signature = '' } = signed('v3')
    expect(reason(verify(tokenOnly, raw({ 'x-vobiz-signature-v3': signature })))).toBe('signature_bad')
  })
})

describe('several signatures', () => {
  const badV3 = {
    ...signed('v3'),
    'x-vobiz-signature-v3': signed('v3', { secret: 'x' })['x-vobiz-signature-v3'] ?? '',
  }

  test('V3 is judged before V2', () => {
    expect(verify(tokenOnly, raw(signed('v2'), signed('v3')))).toMatchObject({ ok: true, dialect: 'v3' })
    expect(verify(tokenOnly, raw(signed('v2')))).toMatchObject({ ok: true, dialect: 'v2' })
  })

  test('a bad V3 is not rescued by a good V2 of the same key', () => {
    expect(reason(verify(tokenOnly, raw(signed('v2'), badV3)))).toBe('signature_bad')
    expect(reason(verify(tokenOnly, raw(signed('v2'), { 'x-vobiz-signature-v3': '' })))).toBe('signature_bad')
  })

  test('own and parent token prove a sub-account’s callback alike', () => {
    const both = raw(signed('v3'), {
      'x-vobiz-signature-ma-v3': signed('ma-v3')['x-vobiz-signature-ma-v3'] ?? '',
    })
    expect(verify(tokenOnly, both)).toMatchObject({ ok: true, dialect: 'v3' })
    expect(verify(parentOnly, both)).toMatchObject({ ok: true, dialect: 'ma-v3' })
    expect(verify({ ...allKeys, authTokens: ['rotated-away'] }, both)).toMatchObject({
      ok: true,
      dialect: 'ma-v3',
    })
  })

  test('a header may list several while the key rotates', () => {
    const headers = signed('v3')
    const old = signed('v3', { secret: 'the-old-token' })['x-vobiz-signature-v3'] ?? ''
    const good = headers['x-vobiz-signature-v3'] ?? ''
    const listed = (value: string) =>
      reason(verify(tokenOnly, raw({ ...headers, 'x-vobiz-signature-v3': value })))
    expect(listed(`${old},${good}`)).toBe('accepted')
    expect(listed(` ${good} , ${old}`)).toBe('accepted')
    expect(listed(`${old}, ${old}`)).toBe('signature_bad')
    expect(listed(`${`${old},`.repeat(8)}${good}`)).toBe('signature_bad')
  })

  test('every secret of a rotation verifies, whichever signed', () => {
    const rotating = createVerifier({ ...noKeys, webhookSecrets: ['new-secret', SECRET] })
    for (const secret of ['new-secret', SECRET]) {
      expect(rotating(request(raw(signed('timestamp', { secret }))), NOW_MS).ok).toBe(true)
    }
    expect(rotating(request(raw(signed('timestamp', { secret: 'older' }))), NOW_MS).ok).toBe(false)
  })
})

describe('the public URL', () => {
  test('decides, not the scheme that Ringback itself is reached by behind a proxy', () => {
    const verifier = createVerifier(tokenOnly)
    expect(verifier(request(raw(signed('v3'))), NOW_MS).ok).toBe(true)
    for (const baseUrl of [
      'http://cb.example.com/hooks/answer',
      'https://cb.example.com:443/hooks/answer',
      'https://cb.example.com/hooks/answer/',
      'https://cb.example.com/hooks/other',
    ]) {
      expect(reason(verifier(request(raw(signed('v3')), { baseUrl }), NOW_MS))).toBe('signature_bad')
    }
  })
})

describe('the guard key', () => {
  test('is hex and differs from request to request', () => {
    const first = keyOf(secretOnly, raw(signed('timestamp')))
    expect(first).toMatch(/^1[0-9a-f]{31}$/)
    expect(keyOf(secretOnly, raw(signed('timestamp', { nowSeconds: NOW_SECONDS + 1 })))).not.toBe(first)
    expect(keyOf(tokenOnly, raw(signed('v3')))).toMatch(/^0[0-9a-f]{31}$/)
  })

  test('holds both nonces, so that cutting off a signature does not make a request new', () => {
    const both = keyOf(tokenOnly, raw(signed('v3'), signed('v2')))
    expect(both).toBe(keyOf(tokenOnly, raw(signed('v3'))) + keyOf(tokenOnly, raw(signed('v2'))))
  })

  test('is the same by own and by parent token, and by one nonce for both', () => {
    expect(keyOf(parentOnly, raw(signed('ma-v3')))).toBe(keyOf(tokenOnly, raw(signed('v3'))))
    const oneNonce = raw(signed('v3', { nonce: NONCE_V2 }), signed('v2'))
    expect(keyOf(tokenOnly, oneNonce)).toBe(keyOf(tokenOnly, raw(signed('v2'))))
  })

  test('takes nonces of nobody when the account has no token', () => {
    expect(keyOf(secretOnly, raw(signed('timestamp'), signed('v3')))).toHaveLength(32)
    expect(keyOf(allKeys, raw(signed('timestamp'), signed('v3')))).toHaveLength(64)
  })
})

function signedAt(timestamp: string, body: Uint8Array): Readonly<Record<string, string>> {
  // Number('…') would not survive, so the text is signed as the salt of a V2 signature: the same bytes, hex instead.
  const text = Buffer.concat([Buffer.from(`${timestamp}.`), body]).toString('utf8')
  const base64 = signed('v2', { secret: SECRET, baseUrl: text, nonce: '' })['x-vobiz-signature-v2'] ?? ''
  return {
    'x-vobiz-signature': Buffer.from(base64, 'base64').toString('hex'),
    'x-vobiz-timestamp': timestamp,
  }
}
