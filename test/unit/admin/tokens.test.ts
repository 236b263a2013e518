import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'

import { createCallers } from '../../../src/admin/access/tokens.ts'

// Not by vi.mock, which comes too late for a module that a test before this one has loaded.
const compared = vi.spyOn(crypto, 'timingSafeEqual')
syncBuiltinESMExports()
beforeEach(() => void compared.mockClear())
afterAll(() => {
  compared.mockRestore()
  syncBuiltinESMExports()
})

const secrets = ['first-token-0123456789', 'second-token-0123456789', 'third-token-0123456789']
let revealed = 0
const tokens = secrets.map((secret, n) => ({
  name: `token-${n}`,
  role: 'read' as const,
  token: { reveal: () => (revealed++, secret) },
}))
const callers = createCallers(() => tokens)

describe('a token', () => {
  it.each([
    ['the first one', secrets[0] ?? ''],
    ['the last one', secrets[2] ?? ''],
    ['a prefix of one', 'first-token-012345678'],
    ['one more character', 'first-token-0123456789x'],
    ['a wrong one', 'wrong-token-0123456789'],
    ['nothing', ''],
    ['a long one', 'x'.repeat(10_000)],
    ['no ASCII', 'tökén-🔑'],
  ])('that is %s is compared with every token there is, as digests of one length', (_what, presented) => {
    const known = secrets.indexOf(presented)
    expect(callers.find(presented)?.name).toBe(known < 0 ? undefined : `token-${known}`)
    expect(compared).toHaveBeenCalledTimes(secrets.length)
    for (const [known, given] of compared.mock.calls)
      expect([known.byteLength, given.byteLength]).toEqual([32, 32])
  })

  it('is revealed once, to be hashed: afterwards nobody holds it', () => {
    callers.find(secrets[1] ?? '')
    expect(revealed).toBe(tokens.length)
    for (const [known] of compared.mock.calls) {
      for (const secret of secrets)
        expect(Buffer.from(known as Uint8Array).toString('latin1')).not.toContain(secret)
    }
  })
})
