import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createIdMaker } from '../../../../src/callback/id.ts'
import { createReplayGuard } from '../../../../src/verify/guard/create-replay-guard.ts'
import type { Admission } from '../../../../src/verify/guard/replay-guard.ts'
import { NOW_MS } from '../signed-request.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const WINDOW_MS = 10_000
const MAX_ENTRIES = 5
const hex = (text: string) => createHash('sha256').update(text).digest('hex')

interface Entry {
  readonly key: string
  readonly content: string
  readonly id: string
  readonly expiresAt: number
  state: 'pending' | 'failed' | 'answered'
}

/** The guard's rules in the plainest form: a list, oldest first. */
class Reference {
  entries: Entry[] = []

  admit(key: string, content: string, id: string, now: number): string {
    this.entries = this.entries.filter((entry) => entry.expiresAt > now)
    const known = this.entries.find((entry) => entry.key === key)
    if (known !== undefined) {
      if (known.content !== content) return 'refused nonce_reused'
      if (known.state === 'pending') return `joined ${known.id}`
      if (known.state === 'answered') return `answered ${known.id}`
      known.state = 'pending'
      return `again ${known.id}`
    }
    const isTimed = key.startsWith('1')
    if (this.entries.length === MAX_ENTRIES) {
      if (!isTimed) return 'refused overloaded'
      if (this.entries[0]?.key.startsWith('1') !== true) return 'new'
      this.entries.shift()
    }
    const expiresAt = (Math.floor((now + 2 * WINDOW_MS) / 1000) + 1) * 1000
    this.entries.push({ key, content, id, expiresAt, state: 'pending' })
    return 'new'
  }

  settle(key: string, delivered: boolean): void {
    const known = this.entries.find((entry) => entry.key === key)
    if (known !== undefined) known.state = delivered ? 'answered' : 'failed'
  }
}

const key = fc
  .tuple(fc.constantFrom('0', '1'), fc.nat(5))
  .map(([tag, name]) => tag + hex(String(name)).slice(1, 32))
const step = fc.oneof(
  fc.record({ do: fc.constant('admit' as const), key, content: fc.constantFrom(hex('x'), hex('y')) }),
  fc.record({ do: fc.constant('settle' as const), key, delivered: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 5000, 20_000) }),
)

function inWords(admission: Admission): string {
  if (admission.kind === 'new') return 'new'
  return `${admission.kind} ${admission.kind === 'refused' ? admission.reason : admission.duplicateOf}`
}

test(`the guard does what the plain list does (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const newId = createIdMaker(() => 0.5)
      const guard = createReplayGuard({ windowMs: WINDOW_MS, maxEntries: MAX_ENTRIES })
      const reference = new Reference()
      const names = new Map<string, number>()
      const told: string[] = []
      const expected: string[] = []
      let now = NOW_MS
      for (const one of steps) {
        if (one.do === 'wait') now += one.ms
        else if (one.do === 'settle') {
          const { delivered } = one
          guard.settle(names.get(one.key) ?? -1, { status: 200, contentType: '', body: undefined, delivered })
          reference.settle(one.key, delivered)
        } else {
          const id = newId(now)
          const admission = guard.admit(one.key, one.content, id, now)
          if (admission.kind === 'new' || admission.kind === 'again') names.set(one.key, guard.admitted)
          told.push(inWords(admission))
          expected.push(reference.admit(one.key, one.content, id, now))
        }
      }
      expect(told).toEqual(expected)
    }),
    { seed, numRuns: 1000 },
  )
})
