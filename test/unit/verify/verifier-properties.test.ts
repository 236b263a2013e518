import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createVerifier } from '../../../src/verify/create-verifier.ts'
import type { Dialect } from '../../../src/verify/verifier.ts'
import { allDialects, allKeys, NOW_MS, NOW_SECONDS, raw, request, signed } from './signed-request.ts'

// fast-check prints seed and path of a failure; RINGBACK_SEED repeats it.
const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const RUNS = 2000
const verify = createVerifier(allKeys)

const body = fc.uint8Array({ maxLength: 400 })
const nonce = fc.stringMatching(/^[0-9]{20}$/)
const baseUrl = fc.webPath().map((path) => `https://cb.example.com${path}`)
const headerText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.stringMatching(/^[0-9a-f]{64}$/),
  fc.base64String({ minLength: 44, maxLength: 44 }),
  fc.stringMatching(/^[0-9]{8,21}$/),
)

describe.each(allDialects)(`%s (seed ${seed})`, (dialect) => {
  test('accepts whatever sign() made, inside the window', () => {
    fc.assert(
      fc.property(body, nonce, baseUrl, fc.integer({ min: -300, max: 300 }), (bytes, salt, url, offset) => {
        const headers = signed(dialect, {
          body: bytes,
          nonce: salt,
          baseUrl: url,
          nowSeconds: NOW_SECONDS + offset,
        })
        expect(verify(request(raw(headers), { body: bytes, baseUrl: url }), NOW_MS).ok).toBe(true)
      }),
      { seed, numRuns: RUNS },
    )
  })

  test('never accepts a request in which one thing was changed', () => {
    fc.assert(
      fc.property(body, nonce, fc.nat(), fc.nat(7), (bytes, salt, place, bit) => {
        const headers = signed(dialect, { body: bytes, nonce: salt })
        for (const mutant of mutants(dialect, headers, bytes, { place, bit })) {
          expect(verify(mutant, NOW_MS).ok).toBe(false)
        }
      }),
      { seed, numRuns: RUNS },
    )
  })

  test('never accepts and never throws for headers of any bytes', () => {
    const names = Object.keys(signed(dialect))
    fc.assert(
      fc.property(fc.tuple(headerText, headerText), body, ([first, second], bytes) => {
        const headers = raw({ [names[0] ?? '']: first, [names[1] ?? '']: second })
        expect(verify(request(headers, { body: bytes }), NOW_MS).ok).toBe(false)
      }),
      { seed, numRuns: RUNS },
    )
  })
})

test(`raw headers of any shape never throw and never pass (seed ${seed})`, () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(...allDialects.flatMap((dialect) => Object.keys(signed(dialect)))),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(name, headerText), { maxLength: 40 }), (headers) => {
      expect(verify(request(headers), NOW_MS).ok).toBe(false)
    }),
    { seed, numRuns: RUNS },
  )
})

function mutants(
  dialect: Dialect,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
  at: { place: number; bit: number },
) {
  const changed = Object.entries(headers).map(([name, value]) => {
    const code = value.charCodeAt(at.place % value.length) ^ (1 << at.bit)
    const spot = at.place % value.length
    const mutated = value.slice(0, spot) + String.fromCodePoint(code) + value.slice(spot + 1)
    return request(raw({ ...headers, [name]: mutated }), { body: bytes })
  })
  if (dialect !== 'timestamp') {
    return [...changed, request(raw(headers), { body: bytes, baseUrl: 'https://cb.example.com/hooks/answe' })]
  }
  const longer = Buffer.concat([bytes, Buffer.from('\n')])
  const flipped = Uint8Array.from(bytes)
  if (flipped.length > 0)
    flipped[at.place % flipped.length] = (flipped[at.place % flipped.length] ?? 0) ^ (1 << at.bit)
  const bodies = flipped.length > 0 ? [longer, flipped] : [longer]
  return [...changed, ...bodies.map((changedBody) => request(raw(headers), { body: changedBody }))]
}
