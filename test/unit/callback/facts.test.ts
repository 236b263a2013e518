import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Facts } from '../../../src/callback/event.ts'
import { eventNames } from '../../../src/callback/event.ts'
import { readFacts } from '../../../src/callback/facts.ts'
import { heapInUse } from '../../support/heap-in-use.ts'
import { threadCpuMs } from '../../support/thread-cpu.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const known = new Set(eventNames)
const FORM = 'application/x-www-form-urlencoded'

function json(body: unknown, query = ''): Facts {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return readFacts({ method: 'POST', query, contentType: 'application/json', body: bytes })
}

function form(body: string, query = ''): Facts {
  return readFacts({ method: 'POST', query, contentType: `${FORM}; charset=utf-8`, body: Buffer.from(body) })
}

function get(query: string): Facts {
  return readFacts({ method: 'GET', query, contentType: '', body: new Uint8Array() })
}

describe('both vocabularies', () => {
  test('the callback configuration’s JSON', () => {
    const facts = json({
      event: 'call.completed',
      call_id: 'c1',
      status: 'completed',
      duration: 125,
      account_id: 'MA_1',
    })
    expect(facts).toEqual({
      event: 'call.completed',
      rawEvent: '',
      callId: 'c1',
      account: 'MA_1',
      application: '',
      trunk: '',
      discriminator: 'status=completed;',
      kind: 'notify',
      isProbe: false,
    })
  })

  test('the trunk’s JSON', () => {
    const facts = json({
      Event: 'Hangup',
      CallUUID: 'u1',
      RequestID: 'r1',
      AccountId: 'MA_1',
      TrunkID: 't1',
      HangupCauseCode: 4000,
    })
    expect(facts).toMatchObject({
      event: 'Hangup',
      callId: 'u1',
      account: 'MA_1',
      trunk: 't1',
      discriminator: 'RequestID=r1;',
    })
  })

  test('a voice callback’s form', () => {
    const facts = form('CallUUID=abc&From=%2B14155551234&Event=StartApp&auth_id=MA_1&CallStatus=in-progress')
    expect(facts).toMatchObject({ event: 'StartApp', callId: 'abc', account: 'MA_1', kind: 'xml' })
  })

  test('the snake_case fields of a recording through the API', () => {
    const facts = form('api_id=1&call_uuid=u1&recording_id=r1&record_url=https%3A%2F%2Fmedia')
    expect(facts).toMatchObject({
      event: 'none',
      callId: 'u1',
      discriminator: 'recording_id=r1;',
      kind: 'notify',
    })
  })

  test('a GET carries its fields in the query', () => {
    expect(get('?Event=Hangup&CallUUID=u1')).toMatchObject({ event: 'Hangup', callId: 'u1', isProbe: false })
  })

  test('the body counts before the query', () => {
    expect(form('CallUUID=body', '?CallUUID=query&auth_id=MA_1')).toMatchObject({
      callId: 'body',
      account: 'MA_1',
    })
    expect(json({ call_id: 'body' }, '?call_id=query').callId).toBe('body')
  })
})

describe('events', () => {
  test('an unknown name is kept for people only, cut short', () => {
    expect(json({ event: 'call.exploded', call_id: 'c' })).toMatchObject({
      event: 'other',
      rawEvent: 'call.exploded',
    })
    expect(json({ event: 'x'.repeat(1000) }).rawEvent).toHaveLength(64)
  })

  test('no name at all is an event of its own', () => {
    expect(json({})).toMatchObject({ event: 'none', rawEvent: '' })
    expect(json({ event: '', Event: 'Ring' }).event).toBe('Ring')
  })
})

describe('the kind of a callback without event', () => {
  test.each([
    ['CallUUID=u&InputType=dtmf&Digits=1', 'xml'],
    ['CallUUID=u&InputType=dtmf&Digits=', 'xml'],
    ['CallUUID=u&DialStatus=completed', 'xml'],
    ['CallUUID=u&CallStatus=ringing', 'xml'],
    ['CallUUID=u&CallStatus=completed', 'notify'],
    ['CallUUID=u', 'notify'],
    ['Digits=1', 'notify'],
    ['call_uuid=u&Digits=1', 'notify'],
  ])('%s is %s', (body, kind) => {
    expect(form(body).kind).toBe(kind)
  })
})

test('a GET without a call id is a probe, a POST never is', () => {
  expect(get('').isProbe).toBe(true)
  expect(get('?tenant=7').isProbe).toBe(true)
  expect(json({}).isProbe).toBe(false)
})

describe('forms are read as the URL standard says', () => {
  test.each([
    ['CallUUID=a%20b', 'a b'],
    ['CallUUID=a+b', 'a b'],
    ['Call%55UID=escaped', 'escaped'],
    ['CallUUID=first&CallUUID=second', 'first'],
    ['CallUUID=a=b', 'a=b'],
    ['&&=&x&CallUUID=u&', 'u'],
    ['CallUUID=%C3%A9', 'é'],
    ['CallUUID=%zz', '%zz'],
    ['CallUUID', ''],
    ['', ''],
  ])('%s', (body, callId) => {
    expect(form(body).callId).toBe(callId)
  })

  test(`and agree with URLSearchParams (seed ${seed})`, () => {
    const pair = fc.tuple(
      fc.constantFrom('CallUUID', 'From', 'Event', 'x y', ''),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    )
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 8 }), (pairs) => {
        const params = new URLSearchParams(pairs)
        expect(form(params.toString()).callId).toBe((params.get('CallUUID') ?? '').slice(0, 128))
      }),
      { seed, numRuns: 1000 },
    )
  })
})

test('an id that is kept keeps no body in memory', () => {
  const padding = 'x'.repeat(60_000)
  const before = heapInUse()
  const kept = Array.from({ length: 400 }, (_, index) => [
    json({ call_id: `a-call-with-a-long-id-${index}`, padding }).callId,
    form(`CallUUID=a-call-with-a-long-id-${index}&padding=${padding}`).callId,
  ])
  const grownBy = heapInUse() - before
  expect(kept.flat()).toContain('a-call-with-a-long-id-399')
  expect(grownBy).toBeLessThan(5_000_000) // the bodies are 48 MB
})

describe('hostile bodies', () => {
  test.each([
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"CallUUID"'],
    ['a list', '[{"call_id":"x"}]'],
    ['cut off', '{"call_id":"x"'],
    ['nothing', ''],
    ['inherited names', '{"__proto__":{"call_id":"x"},"constructor":{"call_id":"x"}}'],
    ['values that are no text', '{"call_id":{"a":1},"account_id":[1],"trunk_id":null,"app_id":true}'],
    ['60 kB of brackets', '['.repeat(60_000)],
  ])('%s yields no facts', (_, body) => {
    expect(json(body)).toMatchObject({
      event: 'none',
      callId: '',
      account: '',
      trunk: '',
      application: '',
      kind: 'notify',
    })
  })

  test('a byte order mark in front of JSON is passed over', () => {
    expect(json('\u{feff}{"call_id":"x"}').callId).toBe('x')
  })

  test('a number is a text, and every text is cut', () => {
    expect(json({ call_id: 42 }).callId).toBe('42')
    expect(json({ call_id: 'x'.repeat(10_000), status: 'y'.repeat(10_000) })).toMatchObject({
      callId: 'x'.repeat(128),
      discriminator: `status=${'y'.repeat(128)};`,
    })
  })

  test('a body above the limit is not parsed, the query still is', () => {
    expect(json({ call_id: 'x', pad: 'x'.repeat(64 * 1024) }, '?call_id=query').callId).toBe('query')
  })

  test('64 kB of separators take no more than a blink', () => {
    const taken = threadCpuMs(() => {
      for (const text of ['&', '=', 'a&', '%&', 'CallUUID&', '+='])
        form(text.repeat(64 * 1024).slice(0, 64 * 1024))
    })
    expect(taken).toBeLessThan(2000)
  })

  test(`any bytes under any content type yield facts of the closed sets (seed ${seed})`, () => {
    const contentType = fc.oneof(fc.constantFrom(FORM, 'application/json', ''), fc.string())
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .array(fc.constantFrom('CallUUID', '=', '&', '%', '+', 'Event', '%F', '{', '"'))
        .map((parts) => Buffer.from(parts.join(''))),
    )
    fc.assert(
      fc.property(contentType, bytes, fc.string({ unit: 'binary' }), (contentType, body, query) => {
        const facts = readFacts({ method: 'POST', query: `?${query}`, contentType, body })
        expect(known.has(facts.event)).toBe(true)
        expect(facts.callId.length).toBeLessThanOrEqual(128)
      }),
      { seed, numRuns: 500 },
    )
  })
})
