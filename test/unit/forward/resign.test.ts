import { headerTextOf } from '../../../src/callback/header-text.ts'
import { expect, test } from 'vitest'

import type { Exchange } from '../../../src/callback/callback.ts'
import type { Route } from '../../../src/callback/route.ts'
import { createResigner, randomNonce } from '../../../src/verify/signing/resign.ts'
import { behaviours, startTarget, type TargetServer } from '../../support/target-server.ts'
import { answerOf, type Rebuild, type Sample } from '../../support/verifying-handler.ts'
import { allKeys, noKeys, PARENT_TOKEN, raw, signed, TOKEN } from '../verify/signed-request.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

const PUBLIC = 'https://callbacks.example.com'
const resigner = createResigner(allKeys, randomNonce)

/** Signed by the provider for the public URL, in every dialect that signs URLs. */
const fromProvider = (path: string) =>
  ['Host', 'callbacks.example.com'].concat(
    raw(
      Object.assign(
        {},
        ...(['v2', 'v3', 'ma-v2', 'ma-v3'] as const).map((dialect) =>
          signed(dialect, { baseUrl: PUBLIC + path }),
        ),
      ) as Record<string, string>,
    ),
  )

async function deliver(
  target: TargetServer,
  route: Partial<Route>,
  { path = '/hooks/answer', url = `${target.origin}${path}`, ...rest }: Partial<Exchange> & Where = {},
): Promise<void> {
  await using forwarder = testForwarder({
    resign: ({ callback }, baseUrl) => resigner?.(callback.headers, baseUrl),
  })
  const exchange = exchangeOn(
    routeTo([url], route),
    { path, headers: headerTextOf(fromProvider(path)), query: '?tenant=7' },
    { verdict: 'verified', ...rest },
  )
  const { success } = await forwarder.forward(exchange, live)
  expect(success?.status).toBe(200)
}

interface Where {
  readonly path?: string
  readonly url?: string
}

const samples: readonly Sample[] = ['node', 'python', 'go', 'ruby']
const handler = (sample: Sample, rebuild: Rebuild, base?: string) =>
  ({ sample, rebuild, token: TOKEN, parentToken: PARENT_TOKEN, ...(base !== undefined && { base }) }) as const

test.each(samples.filter((sample) => sample !== 'ruby'))(
  'signed afresh, a handler after the %s sample verifies however it learns its URL',
  async (sample) => {
    await using target = await startTarget()
    await deliver(target, {})
    const [seen] = target.requests
    expect(answerOf(handler(sample, 'own host'), seen!)).toBe(200)
    expect(answerOf(handler(sample, 'forwarded'), seen!)).toBe(200)
    expect(answerOf(handler(sample, 'configured', target.origin), seen!)).toBe(200)
    // As it came it would not have verified.
    await deliver(target, { resign: false })
    expect(answerOf(handler(sample, 'own host'), target.requests[1]!)).toBe(403)
  },
)

test.each(samples)(
  'with the host preserved, a handler after the %s sample verifies what the provider signed',
  async (sample) => {
    await using target = await startTarget()
    await deliver(target, { resign: false, preserveHost: true })
    const [seen] = target.requests
    expect(seen?.header('host')).toBe('callbacks.example.com')
    expect(answerOf(handler(sample, 'forwarded'), seen!)).toBe(200)
    expect(answerOf(handler(sample, 'configured', PUBLIC), seen!)).toBe(200)
    expect(seen?.header('x-vobiz-signature-v3')).toBe(
      signed('v3', { baseUrl: `${PUBLIC}/hooks/answer` })['x-vobiz-signature-v3'],
    )
  },
)

test.each(samples)(
  'with the host preserved and another path, a handler after the %s sample verifies what we signed',
  async (sample) => {
    await using target = await startTarget()
    await deliver(target, { preserveHost: true }, { url: `${target.origin}/elsewhere` })
    const [seen] = target.requests
    expect(seen?.target).toBe('/elsewhere?tenant=7')
    expect(answerOf(handler(sample, 'forwarded'), seen!)).toBe(200)
    expect(answerOf(handler(sample, 'configured', PUBLIC), seen!)).toBe(200)
  },
)

test('every attempt has nonces of its own, none of them the provider’s', async () => {
  await using target = await startTarget(() => behaviours.status(503))
  await using forwarder = testForwarder({
    resign: ({ callback }, baseUrl) => resigner?.(callback.headers, baseUrl),
  })
  const route = routeTo([`${target.origin}/a`, `${target.origin}/b`])
  const exchange = exchangeOn(route, { headers: headerTextOf(fromProvider('/')) }, { verdict: 'verified' })
  await forwarder.forward(exchange, live)
  await forwarder.forward(exchange, { via: 'rescue', firstNumber: 3, budgetMs: 1000 })
  const nonces = target.requests.flatMap((seen) => [
    seen.header('x-vobiz-signature-v2-nonce'),
    seen.header('x-vobiz-signature-v3-nonce'),
  ])
  expect(nonces).toHaveLength(8)
  expect(new Set(nonces).size).toBe(8)
  expect(fromProvider('/').filter((text) => nonces.includes(text))).toEqual([])
  for (const seen of target.requests) expect(answerOf(handler('node', 'own host'), seen)).toBe(200)
})

test.each([
  ['was let in with a warning', 'warned'],
  ['was not looked at', 'unchecked'],
] as const)('a callback that %s keeps the signatures it came with', async (_, verdict) => {
  await using target = await startTarget()
  await deliver(target, { signature: 'warn' }, { verdict })
  const [seen] = target.requests
  expect(answerOf(handler('node', 'own host'), seen!)).toBe(403)
  expect(seen?.header('x-forwarded-host')).toBe('callbacks.example.com')
  expect(seen?.rawHeaders.filter((name) => name.toLowerCase().startsWith('x-vobiz-signature'))).toHaveLength(
    6,
  )
})

test('what was kept for rescue was let in by a valid signature where the route enforces', async () => {
  await using target = await startTarget()
  await using forwarder = testForwarder({
    resign: ({ callback }, baseUrl) => resigner?.(callback.headers, baseUrl),
  })
  for (const signature of ['enforce', 'warn'] as const) {
    const route = routeTo([target.url], { signature })
    await forwarder.forward(exchangeOn(route, { headers: headerTextOf(fromProvider('/')) }), {
      via: 'rescue',
      firstNumber: 2,
    })
  }
  expect(target.requests.map((seen) => answerOf(handler('node', 'own host'), seen))).toEqual([200, 403])
})

test('a signature over the body passes as it came, beside one that is made afresh', () => {
  const headers = headerTextOf([...raw(signed('timestamp')), ...raw(signed('v3'))])
  const made = resigner?.(headers, 'https://h.example.com/x') ?? []
  expect(made.filter((_, index) => index % 2 === 0)).toEqual([
    'X-Vobiz-Signature-V3-Nonce',
    'X-Vobiz-Signature-V3',
  ])
  expect(resigner?.(headerTextOf(raw(signed('timestamp'))), 'https://h.example.com/x')).toBeUndefined()
})

test('nothing is signed that the provider did not sign, nor without its key', () => {
  const ownOnly = createResigner({ ...noKeys, authTokens: [TOKEN] }, () => '0'.repeat(20))
  const names = (rawHeaders: readonly string[]) =>
    ownOnly?.(headerTextOf(rawHeaders), PUBLIC)?.filter((_, index) => index % 2 === 0)
  expect(names(raw(signed('v3'), signed('ma-v3')))).toEqual([
    'X-Vobiz-Signature-V3-Nonce',
    'X-Vobiz-Signature-V3',
  ])
  expect(names(raw(signed('ma-v3')))).toBeUndefined()
  expect(createResigner({ ...noKeys, webhookSecrets: ['x'] }, randomNonce)).toBeUndefined()
})

test('nonces are 20 digits, every digit about as often', () => {
  const counts = new Map<string, number>()
  for (let i = 0; i < 5000; i++) {
    const nonce = randomNonce()
    expect(nonce).toMatch(/^\d{20}$/)
    for (const digit of nonce) counts.set(digit, (counts.get(digit) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(800)
})

// Where the samples differ: what is signed is the URL as it is dialled, without userinfo and default port, the path encoded.
test.each([
  ['node', 200],
  ['python', 200],
  ['go', 403],
] as const)(
  'a path with escapes is signed as it is dialled: a handler after the %s sample answers %i',
  async (sample, status) => {
    await using target = await startTarget()
    await deliver(target, {}, { url: `${target.origin}/hooks/a%2Bb%20c` })
    const [seen] = target.requests
    expect(seen?.target).toBe('/hooks/a%2Bb%20c?tenant=7')
    expect(answerOf(handler(sample, 'own host'), seen!)).toBe(status)
  },
)

test.each(['node', 'python', 'go'] as const)(
  'a user in the target is sent as Basic auth and never signed: a handler after the %s sample verifies',
  async (sample) => {
    await using target = await startTarget()
    await deliver(target, {}, { url: `${target.origin.replace('//', '//user:pass@')}/hooks/answer` })
    const [seen] = target.requests
    expect(seen?.header('authorization')).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`)
    expect(answerOf(handler(sample, 'own host'), seen!)).toBe(200)
    expect(answerOf(handler(sample, 'forwarded'), seen!)).toBe(200)
    // A base that was written down with its user is another URL only to the sample that keeps it.
    const withUser = target.origin.replace('//', '//user:pass@')
    expect(answerOf(handler(sample, 'configured', withUser), seen!)).toBe(sample === 'node' ? 200 : 403)
  },
)

test.each(['node', 'python', 'go', 'ruby'] as const)(
  'a default port is never part of what is signed: a handler after the %s sample verifies behind the public host',
  async (sample) => {
    await using target = await startTarget()
    await deliver(target, { preserveHost: true })
    const [seen] = target.requests
    expect(answerOf(handler(sample, 'forwarded'), seen!)).toBe(200)
    // Only the samples that drop or normalise the port forgive a base with `:443` in it.
    const forgives = sample === 'node' || sample === 'ruby'
    expect(answerOf(handler(sample, 'configured', `${PUBLIC}:443`), seen!)).toBe(forgives ? 200 : 403)
  },
)
