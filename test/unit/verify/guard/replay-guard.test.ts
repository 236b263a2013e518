import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { createIdMaker } from '../../../../src/callback/id.ts'
import type { GuardRow } from '../../../../src/ledger/ledger.ts'
import { createReplayGuard } from '../../../../src/verify/guard/create-replay-guard.ts'
import type { ReplayGuard, Settlement } from '../../../../src/verify/guard/replay-guard.ts'
import { createVerifier } from '../../../../src/verify/create-verifier.ts'
import { allKeys, NOW_MS, NOW_SECONDS, raw, request, signed } from '../signed-request.ts'

const newId = createIdMaker(Math.random)
/** Of that moment, whatever others were made before. */
const idAt = (ms: number) => createIdMaker(Math.random)(ms)
const WINDOW_MS = 300_000
const REMEMBERED_MS = 2 * WINDOW_MS

const hex = (text: string) => createHash('sha256').update(text).digest('hex')
const timed = (name: string) => `1${hex(name).slice(1, 32)}`
const untimed = (name: string) => `0${hex(name).slice(1, 32)}`
const CONTENT = hex('body')

const admitTo = (guard: ReplayGuard, key: string) => guard.admit(key, CONTENT, newId(NOW_MS), NOW_MS).kind

const delivered: Settlement = { status: 200, contentType: '', body: undefined, delivered: true }
const failed: Settlement = { status: 502, contentType: '', body: undefined, delivered: false }

function row(guardKey: string, callbackId: string, change: Partial<GuardRow> = {}): GuardRow {
  return {
    guard_key: guardKey,
    body_hash: CONTENT,
    callback_id: callbackId,
    result: 'delivered',
    answer_status: 200,
    answer_content_type: '',
    answer_body: undefined,
    ...change,
  }
}

describe('a repeat', () => {
  test('of a delivered request is answered as before', () => {
    const guard = createReplayGuard()
    const id = newId(NOW_MS)
    const body = Buffer.from('<Response/>')
    expect(guard.admit(timed('a'), CONTENT, id, NOW_MS)).toEqual({ kind: 'new' })
    guard.settle(guard.admitted, { status: 200, contentType: 'application/xml', body, delivered: true })
    body.fill(0) // the guard keeps its own copy

    const answer = {
      status: 200,
      contentType: 'application/xml',
      body: Uint8Array.from(Buffer.from('<Response/>')),
    }
    const repeat = guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS + 5)
    expect(repeat).toEqual({ kind: 'answered', duplicateOf: id, answer })
  })

  test('of a failed one is tried again, under the id of the first', () => {
    const guard = createReplayGuard()
    const id = newId(NOW_MS)
    guard.admit(timed('a'), CONTENT, id, NOW_MS)
    guard.settle(guard.admitted, failed)
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)).toEqual({
      kind: 'again',
      duplicateOf: id,
    })
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)).toMatchObject({
      kind: 'joined',
      duplicateOf: id,
    })
    guard.settle(guard.admitted, delivered)
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)).toMatchObject({
      kind: 'answered',
      duplicateOf: id,
    })
  })

  test('of one under way joins it, however many come', async () => {
    const guard = createReplayGuard()
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    const joined = [1, 2, 3].map(() => guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS))
    guard.settle(guard.admitted, failed)
    for (const admission of joined) {
      expect(admission.kind).toBe('joined')
      expect(admission.kind === 'joined' && (await admission.answer)).toEqual(failed)
    }
  })

  test('with another content is refused, whatever became of the first', () => {
    const guard = createReplayGuard()
    const admitOther = () => guard.admit(untimed('a'), hex('other'), newId(NOW_MS), NOW_MS)
    const refused = { kind: 'refused', reason: 'nonce_reused' }
    guard.admit(untimed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    expect(admitOther()).toEqual(refused)
    guard.settle(guard.admitted, failed)
    expect(admitOther()).toEqual(refused)
    guard.admit(untimed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.settle(guard.admitted, delivered)
    expect(admitOther()).toEqual(refused)
  })

  test('is known by any of its identities, and they share one fate', () => {
    const guard = createReplayGuard()
    const id = newId(NOW_MS)
    const [v3, v2] = [untimed('v3'), untimed('v2')]
    const admit = (key: string) => guard.admit(key, CONTENT, newId(NOW_MS), NOW_MS)
    guard.admit(v3 + v2, CONTENT, id, NOW_MS)
    expect(admit(v2).kind).toBe('joined')
    guard.settle(guard.admitted, failed)
    expect(admit(v2)).toEqual({ kind: 'again', duplicateOf: id })
    guard.settle(guard.admitted, delivered)
    for (const key of [v3, v2, v3 + v2, v2 + v3, v3 + untimed('other')])
      expect(admit(key).kind).toBe('answered')
  })

  test.each([0, 1, 999])(
    'is new again twice the window after the end of its second, here from %i ms',
    (ms) => {
      const guard = createReplayGuard({ windowMs: WINDOW_MS })
      const end = NOW_MS + 1000 + REMEMBERED_MS
      guard.admit(timed('a'), CONTENT, newId(NOW_MS + ms), NOW_MS + ms)
      guard.settle(guard.admitted, delivered)
      expect(guard.admit(timed('a'), CONTENT, newId(end), end - 1).kind).toBe('answered')
      expect(guard.admit(timed('a'), CONTENT, newId(end), end).kind).toBe('new')
      expect(guard.size).toBe(1)
    },
  )

  test('is known for as long as its timestamp is good, which may lie ahead', () => {
    const verify = createVerifier(allKeys, { windowMs: WINDOW_MS })
    const guard = createReplayGuard({ windowMs: WINDOW_MS })
    const ahead = request(raw(signed('timestamp', { nowSeconds: NOW_SECONDS + WINDOW_MS / 1000 })))
    const isLetIn = (nowMs: number) => {
      const verification = verify(ahead, nowMs)
      return (
        verification.ok && guard.admit(verification.guardKey, CONTENT, newId(nowMs), nowMs).kind === 'new'
      )
    }
    const moments = [0, 1, REMEMBERED_MS - 1, REMEMBERED_MS, REMEMBERED_MS + 999, REMEMBERED_MS + 1000]
    expect(moments.map((ms) => isLetIn(NOW_MS + ms))).toEqual([true, false, false, false, false, false])
  })

  test('is new again when it expired behind one that has not, because the clock stepped back', () => {
    const guard = createReplayGuard()
    const back = NOW_MS - 3_600_000
    const later = back + REMEMBERED_MS + 1000
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.admit(timed('b'), CONTENT, newId(NOW_MS), back)
    expect(guard.admit(timed('b'), CONTENT, newId(NOW_MS), later - 1).kind).toBe('joined')
    expect(guard.admit(timed('b'), CONTENT, newId(NOW_MS), later).kind).toBe('new')
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), later).kind).toBe('joined')
  })

  test('is known when the clock stepped back', () => {
    const guard = createReplayGuard()
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.settle(guard.admitted, delivered)
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS - 3_600_000).kind).toBe('answered')
  })
})

test.each([0, 7, 8, 15, 16, 23, 24, 31])('requests that differ in digit %i alone are two', (place) => {
  const guard = createReplayGuard()
  const key = timed('a')
  const other = key.slice(0, place) + (key[place] === '0' ? '2' : '0') + key.slice(place + 1)
  expect([key, other, key].map((each) => admitTo(guard, each))).toEqual(['new', 'new', 'joined'])
})

test('requests that differ in the last eight digits alone are as many, though some of them share a bucket', () => {
  const guard = createReplayGuard()
  const keys = Array.from({ length: 9_000 }, (_, i) => timed('a').slice(0, 24) + hex(String(i)).slice(0, 8))
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter((key) => admitTo(guard, key) !== 'new')).toEqual([])
})

test('contents that differ in one of the last 32 digits are two', () => {
  for (let place = 32; place < 64; place++) {
    const guard = createReplayGuard()
    const other = CONTENT.slice(0, place) + (CONTENT[place] === '0' ? '1' : '0') + CONTENT.slice(place + 1)
    admitTo(guard, untimed('a'))
    expect(guard.admit(untimed('a'), other, newId(NOW_MS), NOW_MS).kind).toBe('refused')
  }
})

test('a status of any three digits, and none, stays what it is beside every other thing remembered', () => {
  for (const status of [0, 100, 200, 599, 999]) {
    const guard = createReplayGuard()
    const id = newId(NOW_MS)
    guard.admit(untimed('a') + untimed('b') + untimed('c') + untimed('d'), CONTENT, id, NOW_MS)
    guard.settle(guard.admitted, failed)
    expect(admitTo(guard, untimed('d'))).toBe('again')
    guard.settle(guard.admitted, { ...delivered, status })
    const answered = { kind: 'answered', duplicateOf: id, answer: { status } }
    expect(guard.admit(untimed('c'), CONTENT, newId(NOW_MS), NOW_MS)).toMatchObject(answered)
  }
})

describe('bounds', () => {
  test('a full guard forgets the oldest request that goes stale by itself', () => {
    const guard = createReplayGuard({ maxEntries: 3 })
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(guard.admit(timed(name), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('new')
      guard.settle(guard.admitted, delivered)
    }
    expect(guard.size).toBe(3)
    expect(guard.admit(timed('d'), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('answered')
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('new')
  })

  test('a full guard refuses what has only a nonce, and never forgets a nonce early', () => {
    const guard = createReplayGuard({ maxEntries: 2 })
    guard.admit(untimed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.admit(timed('b'), CONTENT, newId(NOW_MS), NOW_MS)
    expect(guard.admit(untimed('c'), CONTENT, newId(NOW_MS), NOW_MS)).toEqual({
      kind: 'refused',
      reason: 'overloaded',
    })
    // The oldest is a nonce: the timed one is let in unremembered rather than pushing it out.
    expect(guard.admit(timed('d'), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('new')
    guard.settle(guard.admitted, delivered)
    expect(guard.admit(untimed('a'), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('joined')
    expect(guard.admit(untimed('c'), CONTENT, newId(NOW_MS), NOW_MS + REMEMBERED_MS + 1000).kind).toBe('new')
  })

  test('what was pushed out holds up nothing behind it, also when the clock stepped back', () => {
    const guard = createReplayGuard({ maxEntries: 1 })
    const back = NOW_MS - 3_600_000
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.admit(timed('b'), CONTENT, newId(NOW_MS), back)
    const admitAt = (ms: number) => guard.admit(untimed('c'), CONTENT, newId(NOW_MS), ms).kind
    expect(admitAt(back + REMEMBERED_MS + 999)).toBe('refused')
    expect(admitAt(back + REMEMBERED_MS + 1000)).toBe('new')
  })

  test('those who joined a request that is forgotten before it ends are told how it ended', async () => {
    const guard = createReplayGuard({ maxEntries: 1 })
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    const first = guard.admitted
    const joined = guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.admit(timed('b'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.settle(first, delivered)
    expect(joined.kind === 'joined' && (await joined.answer)).toEqual(delivered)
    expect(admitTo(guard, timed('b'))).toBe('joined')
  })

  test('a body too large to keep leaves the status', () => {
    const guard = createReplayGuard()
    const body = Buffer.alloc(64 * 1024 + 1)
    guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)
    guard.settle(guard.admitted, { status: 200, contentType: 'application/xml', body, delivered: true })
    const answer = { status: 200, contentType: '', body: undefined }
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)).toMatchObject({
      kind: 'answered',
      answer,
    })
  })

  test('all bodies together are bounded: the oldest go first', () => {
    const guard = createReplayGuard({ maxAnswerBytes: 2500 })
    const body = new Uint8Array(1000)
    for (const name of ['a', 'b', 'c']) {
      guard.admit(timed(name), CONTENT, newId(NOW_MS), NOW_MS)
      guard.settle(guard.admitted, { status: 200, contentType: 'text/xml', body, delivered: true })
    }
    const bodyOf = (name: string) => {
      const admission = guard.admit(timed(name), CONTENT, newId(NOW_MS), NOW_MS)
      return admission.kind === 'answered' ? admission.answer.body : 'none'
    }
    expect([bodyOf('a'), bodyOf('b'), bodyOf('c')]).toEqual([undefined, body, body])
  })

  test('20,000 requests are told apart and forgotten in order', () => {
    const guard = createReplayGuard({ maxEntries: 12_000 })
    const id = newId(NOW_MS)
    const keys = Array.from({ length: 20_000 }, (_, i) => timed(String(i)))
    for (const key of keys) {
      expect(guard.admit(key, CONTENT, id, NOW_MS).kind).toBe('new')
      guard.settle(guard.admitted, delivered)
    }
    expect(guard.size).toBe(12_000)
    expect(keys.slice(8_000).every((key) => guard.admit(key, CONTENT, id, NOW_MS).kind === 'answered')).toBe(
      true,
    )
    expect(guard.admit(keys[7_999] ?? '', CONTENT, id, NOW_MS).kind).toBe('new')
  })
})

describe('the name of what was let in', () => {
  test('ends it, also when it was tried again', () => {
    const guard = createReplayGuard()
    admitTo(guard, timed('a'))
    const first = guard.admitted
    admitTo(guard, timed('b'))
    guard.settle(first, failed)
    expect(admitTo(guard, timed('a'))).toBe('again')
    guard.settle(guard.admitted, delivered)
    expect(admitTo(guard, timed('a'))).toBe('answered')
    expect(admitTo(guard, timed('b'))).toBe('joined')
  })

  test('ends nothing once it is forgotten, whoever took its place', () => {
    const guard = createReplayGuard({ maxEntries: 1 })
    admitTo(guard, timed('a'))
    const forgotten = guard.admitted
    for (let i = 0; i < 5000; i++) {
      admitTo(guard, timed(String(i)))
      guard.settle(forgotten, delivered)
      expect(admitTo(guard, timed(String(i)))).toBe('joined')
    }
  })

  test('ends nothing where it was let in unremembered', () => {
    const guard = createReplayGuard({ maxEntries: 1 })
    admitTo(guard, untimed('a'))
    expect(admitTo(guard, timed('b'))).toBe('new')
    guard.settle(guard.admitted, delivered)
    expect(admitTo(guard, untimed('a'))).toBe('joined')
  })
})

describe('after a restart', () => {
  test('repeats are judged by what the ledger remembers', () => {
    const guard = createReplayGuard()
    const ids = ['d', 'r', 'f', 'p'].map(() => newId(NOW_MS))
    const [d = '', r = '', f = '', p = ''] = ids
    const xml = { answer_content_type: 'application/xml', answer_body: Buffer.from('<Response/>') }
    guard.restore(
      [
        row(timed('p'), p, { result: 'pending', answer_status: 0 }),
        row(timed('f'), f, { result: 'failed', answer_status: 502 }),
        row(timed('r'), r, { result: 'rescued' }),
        row(untimed('d') + untimed('d2'), d, xml),
      ],
      NOW_MS,
    )
    const admit = (key: string, content = CONTENT) => guard.admit(key, content, newId(NOW_MS), NOW_MS + 1000)
    expect(admit(untimed('d2'))).toMatchObject({
      kind: 'answered',
      duplicateOf: d,
      answer: { contentType: 'application/xml' },
    })
    expect(admit(untimed('d'), hex('other'))).toEqual({ kind: 'refused', reason: 'nonce_reused' })
    expect(admit(timed('r'))).toMatchObject({ kind: 'answered', duplicateOf: r, answer: { status: 200 } })
    expect(admit(timed('f'))).toEqual({ kind: 'again', duplicateOf: f })
    expect(admit(timed('p'))).toEqual({ kind: 'again', duplicateOf: p })
  })

  test('a failed request whose repeat was delivered counts as delivered, as a repeat of the first', () => {
    const guard = createReplayGuard()
    const first = newId(NOW_MS)
    const second = newId(NOW_MS)
    guard.restore([row(timed('a'), second), row(timed('a'), first, { result: 'failed' })], NOW_MS)
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), NOW_MS)).toMatchObject({
      kind: 'answered',
      duplicateOf: first,
    })
  })

  test('entries expire by the arrival of their callback', () => {
    const guard = createReplayGuard()
    guard.restore([row(timed('a'), idAt(NOW_MS)), row(timed('b'), idAt(NOW_MS + 1000))], NOW_MS + 1000)
    const later = NOW_MS + REMEMBERED_MS + 1000
    expect(guard.admit(timed('a'), CONTENT, newId(NOW_MS), later).kind).toBe('new')
    expect(guard.admit(timed('b'), CONTENT, newId(NOW_MS), later).kind).toBe('answered')
  })

  test('after weeks of standing still nothing that expired is remembered', () => {
    const guard = createReplayGuard()
    const fiftyDaysLater = NOW_MS + 50 * 86_400_000
    const id = idAt(fiftyDaysLater)
    guard.restore([row(timed('a'), idAt(NOW_MS)), row(timed('b'), id)], fiftyDaysLater)
    expect(guard.size).toBe(1)
    expect(guard.admit(timed('b'), CONTENT, id, fiftyDaysLater)).toMatchObject({ duplicateOf: id })
    expect(guard.admit(timed('a'), CONTENT, id, fiftyDaysLater).kind).toBe('new')
  })

  test('rows that are no signed request are passed over, and of too many the newest are kept', () => {
    const guard = createReplayGuard({ maxEntries: 2 })
    const rows = ['a', 'b', 'c'].map((name) => row(timed(name), newId(NOW_MS)))
    guard.restore(
      [
        row('', newId(NOW_MS)),
        row('zz', newId(NOW_MS)),
        row('z'.repeat(32), newId(NOW_MS)),
        row(timed('w'), newId(NOW_MS), { body_hash: 'z'.repeat(64) }),
        row(timed('x'), newId(NOW_MS), { body_hash: '' }),
        row(timed('y'), newId(NOW_MS), { result: 'rejected' }),
        row(timed('z').repeat(5), newId(NOW_MS)),
        ...rows,
      ],
      NOW_MS,
    )
    expect(guard.size).toBe(2)
    expect(guard.admit(timed('c'), CONTENT, newId(NOW_MS), NOW_MS).kind).toBe('answered')
  })
})

test('a key that is not hex is a mistake of ours', () => {
  expect(() => createReplayGuard().admit('not hex', CONTENT, newId(NOW_MS), NOW_MS)).toThrow(TypeError)
})
