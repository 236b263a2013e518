import { headerPairsOf, headerTextOf } from '../../../src/callback/header-text.ts'
import { describe, expect, it } from 'vitest'

import { diagnose, type Ground } from '../../../src/verify/doctor/diagnose.ts'
import type { Diagnosis } from '../../../src/verify/doctor/diagnosis.ts'
import type { CandidateKey, Suspect } from '../../../src/verify/doctor/suspect.ts'
import { createWaitingRoom } from '../../../src/verify/doctor/waiting-room.ts'
import { adviceOf } from '../../../src/verify/doctor/words.ts'
import { sign } from '../../../src/verify/signing/sign.ts'
import type { Dialect, KeyRing } from '../../../src/verify/verifier.ts'

const NOW = 1_795_444_000_000
const TOKEN = 'auth-token-of-the-account'
const SECRET = 'webhook-secret-of-the-account'
const JSON_BODY = '{"event":"call.completed","call_id":"c-1","from":"Zoë"}'

function key(secret: string, kind: keyof KeyRing, more: Partial<CandidateKey> = {}): CandidateKey {
  return { secret, kind, setting: `accounts.MA_1.${kind}`, isOwn: true, retiredAt: undefined, ...more }
}

const ground: Ground = {
  keys: [key(SECRET, 'webhookSecrets'), key(TOKEN, 'authTokens')],
  declared: ['timestamp', 'v3', 'v2'],
  windowMs: 300_000,
}

interface Signed {
  readonly dialect?: Dialect
  readonly secret?: string
  /** What the sender signs. */
  readonly url?: string
  readonly signedBody?: string
  readonly nowSeconds?: number
  readonly headers?: readonly string[]
  readonly change?: (headers: Record<string, string>) => Record<string, string>
  readonly suspect?: Partial<Suspect>
}

function suspectOf(some: Signed): Suspect {
  const {
    dialect = 'v3',
    secret = TOKEN,
    url = 'https://cb.example.com/vobiz/MA_1',
    change = (all) => all,
  } = some
  const signed = sign(dialect, {
    secret,
    baseUrl: url,
    body: Buffer.from(some.signedBody ?? JSON_BODY),
    nowSeconds: some.nowSeconds ?? NOW / 1000,
    nonce: '01234567890123456789',
  })
  return {
    method: 'POST',
    publicBase: 'https://cb.example.com',
    path: '/vobiz/MA_1',
    query: '',
    headers: headerTextOf([
      'Host',
      'cb.example.com',
      ...Object.entries(change(signed)).flat(),
      ...(some.headers ?? []),
    ]),
    body: Buffer.from(JSON_BODY),
    receivedAt: NOW,
    ...some.suspect,
  }
}

function examined(suspect: Suspect, on: Ground = ground): Diagnosis {
  const steps = diagnose(suspect, on)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function codes(some: Signed, on: Ground = ground): readonly string[] {
  const { findings } = examined(suspectOf(some), on)
  const match = findings.find(({ result }) => result === 'match')
  return match === undefined
    ? findings.map(({ result }) => result)
    : match.differences.map((each) => (each.code === 'body' ? `body ${each.how}` : each.code))
}

describe('a signature over the URL', () => {
  it.each<[string, Signed, readonly string[]]>([
    ['holds as it is', {}, []],
    ['http instead of https', { url: 'http://cb.example.com/vobiz/MA_1' }, ['scheme']],
    ['another host, that the proxy names', { url: 'https://edge.example.net/vobiz/MA_1', headers: ['X-Forwarded-Host', 'edge.example.net'] }, ['host']],
    ['another port', { url: 'https://cb.example.com:443/vobiz/MA_1' }, ['port']],
    ['the port of the Host header', { url: 'http://localhost:8080/vobiz/MA_1', suspect: { publicBase: 'http://localhost' }, headers: ['X-Forwarded-Host', 'localhost:8080'] }, ['port']],
    ['a slash at the end', { url: 'https://cb.example.com/vobiz/MA_1/' }, ['trailing_slash']],
    ['the query kept', { url: 'https://cb.example.com/vobiz/MA_1?a=1', suspect: { query: '?a=1' } }, ['query']],
    ['without the path of public_url', { url: 'https://cb.example.com/vobiz/MA_1', suspect: { publicBase: 'https://cb.example.com/hooks' } }, ['base_path']],
    ['escapes decoded', { url: 'https://cb.example.com/a b', suspect: { path: '/a%20b' } }, ['escapes']],
    ['two things at once', { url: 'http://cb.example.com/vobiz/MA_1/' }, ['scheme', 'trailing_slash']],
    ['the key of another kind', { secret: SECRET }, ['other_kind']],
    ['hex instead of base64', { change: (all) => ({ ...all, 'x-vobiz-signature-v3': Buffer.from(all['x-vobiz-signature-v3'] ?? '', 'base64').toString('hex') }) }, ['spelling']],
    ['a key that nobody has', { secret: 'unknown-key-of-some-length' }, ['no_match']],
    ['a nonce of the wrong form', { change: (all) => ({ ...all, 'x-vobiz-signature-v3-nonce': 'abc' }) }, ['malformed']],
    ['no header at all', { change: () => ({}) }, []],
    ['a dialect that is not declared', { dialect: 'v2', url: 'https://cb.example.com/vobiz/MA_1' }, []],
  ])('%s', (_, some, expected) => {
    expect(codes(some)).toEqual(expected)
  }) // prettier-ignore

  it('says which dialect would have to be declared', () => {
    expect(codes({ dialect: 'v2' }, { ...ground, declared: ['v3'] })).toEqual(['not_declared'])
  })
  it('says that there is no key for the dialect that came', () => {
    expect(codes({ dialect: 'ma-v3', secret: 'parent-token-of-length' }, ground)).toEqual(['no_key'])
  })
})

function json(text: string): Signed {
  return { dialect: 'timestamp', secret: SECRET, signedBody: text }
}

describe('a signature over the body', () => {
  it.each<[string, Signed, readonly string[]]>([
    ['holds as it is', json(JSON_BODY), []],
    ['compact, arrived with blanks', { ...json(JSON_BODY), suspect: { body: Buffer.from('{ "event": "call.completed", "call_id": "c-1", "from": "Zoë" }') } }, ['body as compact JSON']],
    ['with blanks, arrived compact', json('{"event": "call.completed", "call_id": "c-1", "from": "Zoë"}'), ['body as JSON with a blank after each comma and colon']],
    ['with escapes, arrived as UTF-8', json(JSON_BODY.replace('ë', '\\u00eb')), ['body as JSON with characters beyond ASCII escaped']],
    ['with a line break at its end', json(`${JSON_BODY}\n`), ['body with a line break at its end']],
    ['a form whose blanks were +', { ...json('a=1+2&b=3'), suspect: { body: Buffer.from('a=1%202&b=3') } }, ['body as a form with blanks written as +']],
    ['too old', { ...json(JSON_BODY), nowSeconds: NOW / 1000 - 3600 }, ['stale']],
    ['milliseconds', { ...json(JSON_BODY), nowSeconds: NOW }, ['milliseconds']],
    ['upper-case hex', { ...json(JSON_BODY), change: (all) => ({ ...all, 'x-vobiz-signature': (all['x-vobiz-signature'] ?? '').toUpperCase() }) }, ['spelling']],
    ['a body that was not held', { ...json('other'), suspect: { body: undefined } }, ['not_tried']],
  ])('%s', (_, some, expected) => {
    expect(codes(some)).toEqual(expected)
  }) // prettier-ignore
})

it('tries keys that a reload took out, and those of others, after its own', () => {
  const old = key('old-token-of-good-length', 'authTokens', { retiredAt: NOW - 60_000 })
  const other = key('token-of-another-account', 'authTokens', {
    isOwn: false,
    setting: 'accounts.MA_2.auth_token',
  })
  const on = { ...ground, keys: [...ground.keys, old, other] }
  expect(codes({ secret: old.secret }, on)).toEqual(['older_secret'])
  expect(codes({ secret: old.secret, url: 'http://cb.example.com/vobiz/MA_1' }, on)).toEqual([
    'older_secret',
    'scheme',
  ])
  expect(codes({ secret: other.secret }, on)).toEqual(['other_owner'])
})

it('never tells a signature that would have been right, nor a key', () => {
  const where = {
    owner: 'accounts.MA_1',
    entry: 'accounts.MA_1',
    declares: 'accounts.MA_1.dialects',
    now: NOW,
  }
  for (const some of [
    {},
    { url: 'http://cb.example.com/vobiz/MA_1' },
    { secret: 'unknown-key-of-some-length' },
  ]) {
    const suspect = suspectOf(some)
    const told = JSON.stringify([examined(suspect), adviceOf(examined(suspect), where)])
    const right = headerPairsOf(suspectOf({}).headers)
    for (const text of [TOKEN, SECRET, ...right.filter((value) => value.length > 30)]) {
      expect(told).not.toContain(text)
    }
  }
})

it('gives way every few dozen hashes, and ends', () => {
  const keys = Array.from({ length: 300 }, (_, n) => key(`key-number-${n}-of-good-length`, 'authTokens'))
  const steps = diagnose(suspectOf({ secret: 'unknown-key-of-some-length', suspect: { query: '?a=1' } }), {
    ...ground,
    keys,
  })
  let turns = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) turns++
  expect(step.value.tried).toBeLessThanOrEqual(20_001)
  expect(turns).toBeGreaterThan(20)
})

it('of a flood only a few are examined, and of another sort still one', () => {
  const room = createWaitingRoom<number>()
  const admitted = Array.from({ length: 1000 }, (_, n) => room.admit('MA_1 signature_bad', NOW, () => n))
  expect(admitted.filter(Boolean)).toHaveLength(3)
  expect(room.admit('MA_2 signature_bad', NOW, () => 1)).toBe(true)
  expect(room.admit('MA_1 signature_bad', NOW + 2_000, () => 1)).toBe(true)
  for (let n = 0; n < 100; n++) room.admit(`sort ${n}`, NOW, () => n)
  let waiting = 0
  while (room.next() !== undefined) waiting++
  expect(waiting).toBe(16)
})
