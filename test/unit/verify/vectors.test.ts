import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { createVerifier } from '../../../src/verify/create-verifier.ts'
import { HmacKey, MAC_BYTES } from '../../../src/verify/signing/hmac-key.ts'
import { sign } from '../../../src/verify/signing/sign.ts'
import type { Dialect } from '../../../src/verify/verifier.ts'
import {
  allKeys,
  BASE_URL,
  BODY,
  NONCE_V2,
  NONCE_V3,
  NOW_MS,
  NOW_SECONDS,
  raw,
  request,
  secretOf,
} from './signed-request.ts'

const ESCAPED = 'https://cb.example.com:8443/hooks/a%2Bb'

const vectors: readonly (readonly [Dialect, string, string, string])[] = [
  ['timestamp', BASE_URL, '', '669cceb6530bb64f6711c048b2e7f0af80a46fa4e5adc683b1e07a9dd5475a95'],
  ['v2', BASE_URL, NONCE_V2, '0awcy5FUmo6WPsm/YLPKYOUfQEoUo7JXDaPNMsPgftA='],
  ['v3', BASE_URL, NONCE_V3, 'NPI/C0AclQNFEJeG2WoemPlXI1i6UsxLBjOEPA/oRiM='],
  ['ma-v2', BASE_URL, NONCE_V2, '+MB+OsCDEopf4WsYmgTWsUpP+czI40Tz4piuZFLAK5U='],
  ['ma-v3', BASE_URL, NONCE_V3, '/qAfu3oJw1tVhE9zlRs8OIm1Ilg15CubSuHWukxn1WY='],
  ['v2', ESCAPED, '00000000000000000001', 'zQKLOIo3MLQdGaJyhWCrhyE6ct13LfNmy0HHSD5H5Gc='],
  ['v3', ESCAPED, '00000000000000000002', 'wZXccRfOYhz4HKOUYYqZ2WO18sjJhjNdeDnDLSmN7fE='],
]

function names(dialect: Dialect): readonly string[] {
  return Object.keys(
    sign(dialect, { secret: 'x', baseUrl: BASE_URL, body: BODY, nowSeconds: NOW_SECONDS, nonce: NONCE_V2 }),
  )
}

describe('known signatures', () => {
  test.each(vectors)('%s over %s is signed and accepted', (dialect, baseUrl, nonce, expected) => {
    const headers = sign(dialect, {
      secret: secretOf(dialect),
      baseUrl,
      body: BODY,
      nowSeconds: NOW_SECONDS,
      nonce,
    })
    expect(Object.values(headers)).toContain(expected)

    const verification = createVerifier(allKeys)(request(raw(headers), { baseUrl }), NOW_MS)
    expect(verification).toMatchObject({ ok: true, dialect })
  })

  test('header names are those of the provider, the MA dialects reuse the nonces', () => {
    expect(names('timestamp')).toEqual(['x-vobiz-signature', 'x-vobiz-timestamp'])
    expect(names('v2')).toEqual(['x-vobiz-signature-v2', 'x-vobiz-signature-v2-nonce'])
    expect(names('v3')).toEqual(['x-vobiz-signature-v3', 'x-vobiz-signature-v3-nonce'])
    expect(names('ma-v2')).toEqual(['x-vobiz-signature-ma-v2', 'x-vobiz-signature-v2-nonce'])
    expect(names('ma-v3')).toEqual(['x-vobiz-signature-ma-v3', 'x-vobiz-signature-v3-nonce'])
  })
})

describe('HmacKey', () => {
  test.each([1, 31, 63, 64, 65, 200])('agrees with the library for a key of %i bytes', (keyBytes) => {
    const secret = 'k'.repeat(keyBytes)
    for (const bodyBytes of [0, 1, 63, 64, 65, 800, 65_000, 65_536, 200_000]) {
      const body = Buffer.alloc(bodyBytes, 0xa7)
      const mac = Buffer.alloc(MAC_BYTES)
      new HmacKey(secret).macInto(mac, '1767225600.é', body)
      const expected = createHmac('sha256', secret).update('1767225600.é').update(body).digest('hex')
      expect(mac.toString('hex'), `${bodyBytes} bytes`).toBe(expected)
    }
  })

  test('uses the bytes of a secret beyond ASCII', () => {
    const mac = Buffer.alloc(MAC_BYTES)
    new HmacKey('gehäim-€').macInto(mac, 'text')
    expect(mac.toString('hex')).toBe(createHmac('sha256', 'gehäim-€').update('text').digest('hex'))
  })

  test('refuses an empty secret', () => {
    expect(() => new HmacKey('')).toThrow(RangeError)
    expect(() => createVerifier({ ...allKeys, authTokens: [''] })).toThrow(RangeError)
  })
})
