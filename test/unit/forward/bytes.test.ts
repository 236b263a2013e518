import { headerTextOf } from '../../../src/callback/header-text.ts'
import { describe, expect, test } from 'vitest'

import type { Callback } from '../../../src/callback/callback.ts'
import type { Route } from '../../../src/callback/route.ts'
import { behaviours, type SeenRequest, startTarget } from '../../support/target-server.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

interface Case {
  readonly url?: string
  readonly route?: Partial<Route>
  readonly callback?: Partial<Callback>
}

/** What a target saw of a callback. */
async function seenOf({ url = '', route = {}, callback = {} }: Case): Promise<SeenRequest> {
  await using target = await startTarget()
  await using forwarder = testForwarder()
  const { success } = await forwarder.forward(exchangeOn(routeTo([target.url + url], route), callback), live)
  expect(success).toBeDefined()
  return target.requests[0]!
}

const ours = (host: string): string[] =>
  [
    ['host', host],
    ['connection', 'keep-alive'],
  ].flat()

describe('the body', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  test.each([
    ['every byte', every],
    ['a BOM, CRLF and broken UTF-8', Buffer.from([0xef, 0xbb, 0xbf, 13, 10, 0xc3, 0x28, 0xff, 10])],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a megabyte', Buffer.concat(Array.from({ length: 4096 }, () => every))],
  ])('of %s arrives identical, with one exact Content-Length', async (_name, body) => {
    const seen = await seenOf({ callback: { body } })
    expect(seen.body.equals(body)).toBe(true)
    expect(seen.head.match(/content-length: \d+/gi)).toEqual([`content-length: ${body.length}`])
    expect(seen.head).not.toMatch(/transfer-encoding/i)
  })

  test('that is empty has Content-Length 0 on POST, and none on GET', async () => {
    const post = await seenOf({ callback: { body: Buffer.alloc(0) } })
    expect(post.header('content-length')).toBe('0')
    const get = await seenOf({ callback: { method: 'GET', body: Buffer.alloc(0) } })
    expect(get.method).toBe('GET')
    expect(get.header('content-length')).toBeUndefined()
  })
})

describe('headers', () => {
  test('that belong to the callback keep order, case, repeats and bytes; only ours are added', async () => {
    const own = [
      'X-B',
      '1',
      'x-a',
      '2',
      'X-B',
      '3',
      'Cookie',
      'a=b',
      'X-Latin',
      'caf\u00e9 \u0080\u00ff',
      'User-Agent',
      'Vobiz',
    ]
    const seen = await seenOf({
      callback: { headers: headerTextOf(['Host', 'x.example', ...own, 'traceparent', '00-1-2-01']) },
    })
    expect(seen.rawHeaders).toEqual([
      ...ours(seen.header('host')!),
      ...own,
      'traceparent',
      '00-1-2-01',
      'X-Forwarded-For',
      '192.0.2.7',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'callbacks.example.com',
      'X-Ringback-Delivery',
      '01J00000000000000000000000',
      'X-Ringback-Attempt',
      '1',
      'content-length',
      '26',
    ])
    expect(seen.header('host')).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  test('of one connection, and those it names, are not passed on', async () => {
    const seen = await seenOf({
      callback: {
        headers: headerTextOf([
          'Host',
          'x',
          'Connection',
          'close, X-Private , keep-alive',
          'Keep-Alive',
          'timeout=5',
          'Proxy-Connection',
          'x',

          'TE',
          'trailers',
          'Trailer',
          'X-T',
          'Upgrade',
          'h2c',
          'Proxy-Authorization',
          'Basic x',
          'Transfer-Encoding',
          'chunked',

          'X-Private',
          '1',
          'Expect',
          '100-continue',
          'HTTP2-Settings',
          'x',
          'Content-Length',
          '26',
          'X-Kept',
          'yes',
        ]),
      },
    })
    expect(seen.rawHeaders.filter((_, index) => index % 2 === 0).slice(2, -6)).toEqual(['X-Kept'])
  })

  test('that matter cannot be taken away by naming them in Connection', async () => {
    const seen = await seenOf({
      callback: {
        headers: headerTextOf([
          'Connection',
          'x-vobiz-signature, content-type',
          'X-Vobiz-Signature',
          's',
          'Content-Type',
          'a/b',
        ]),
      },
    })
    expect(seen.header('x-vobiz-signature')).toBe('s')
    expect(seen.header('content-type')).toBe('a/b')
  })

  test('that only we may say are not believed', async () => {
    const seen = await seenOf({
      callback: {
        headers: headerTextOf([
          'X-Forwarded-For',
          '6.6.6.6',
          'Forwarded',
          'for=6.6.6.6',
          'X-Real-IP',
          '6.6.6.6',
          'X-Forwarded-Host',
          'evil',
          'X-Forwarded-Port',
          '1',
          'X-Ringback-Delivery',
          'forged',
          'x-ringback-attempt',
          '99',
        ]),
      },
    })
    expect(seen.head).not.toMatch(/6\.6\.6\.6|evil|forged|: 99\b|Port/)
  })

  test('of the route replace those of the same name; credentials of the URL replace inbound ones', async () => {
    const rawHeaders = ['authorization', 'Bearer inbound', 'x-api-key', 'old', 'X-Api-Key', 'older']
    const callback = { headers: headerTextOf(rawHeaders) }
    const route = { headers: ['X-API-Key', 'secret'] }
    expect((await seenOf({ callback, route })).head).toMatch(
      /authorization: Bearer inbound\r\nX-API-Key: secret\r\n/,
    )
    await using target = await startTarget()
    await using forwarder = testForwarder()
    const url = target.url.replace('//', '//user:pass@')
    await forwarder.forward(exchangeOn(routeTo([url], route), callback), live)
    const seen = target.requests[0]!
    expect(seen.head.match(/authorization: .*/gi)).toEqual([`Authorization: Basic ${btoa('user:pass')}`])
    expect(seen.head.match(/x-api-key: .*/gi)).toEqual(['X-API-Key: secret'])
  })

  test('an inbound Authorization that opened our own port is kept from the handler', async () => {
    const seen = await seenOf({
      route: { basicAuth: ['Basic x'] },
      callback: { headers: 'Authorization: Basic x\r\n' },
    })
    expect(seen.header('authorization')).toBeUndefined()
  })

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'snow\u2603'])(
    'that would break the line %j are refused, not sent',
    async (value) => {
      await using target = await startTarget()
      await using forwarder = testForwarder()
      const exchange = exchangeOn(routeTo([target.url]), { headers: headerTextOf(['X-A', value]) })
      const { attempts } = await forwarder.forward(exchange, live)
      expect(attempts[0]).toMatchObject({ outcome: 'protocol', status: 0 })
      expect(target.requests).toHaveLength(0)
    },
  )

  test('of the reply come back in order, with repeats and bytes, without those of the connection', async () => {
    await using target = await startTarget(
      behaviours.raw(
        'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Latin: caf\xe9\r\nSet-Cookie: b=2\r\nConnection: keep-alive, X-Hop\r\n' +
          'Keep-Alive: timeout=5\r\nX-Hop: 1\r\nContent-Encoding: gzip\r\ncontent-type: text/xml; charset=odd\r\nContent-Length: 3\r\n\r\n\x1f\x8b\xff',
      ),
    )
    await using forwarder = testForwarder()
    const { success } = await forwarder.forward(exchangeOn(routeTo([target.url])), live)
    expect(success!.reply!.headers).toEqual([
      'Set-Cookie',
      'a=1',
      'X-Latin',
      'caf\u00e9',
      'Set-Cookie',
      'b=2',
      'Content-Encoding',
      'gzip',
      'content-type',
      'text/xml; charset=odd',
    ])
    expect(Buffer.from(success!.reply!.body)).toEqual(Buffer.from([0x1f, 0x8b, 0xff]))
  })
})

describe('path and query', () => {
  const path = '/vobiz/MA_1'
  test.each<[string, Case, string]>([
    ['the path of the target', { url: 'hook', callback: { path } }, '/hook'],
    [
      'the query as it came',
      { url: 'h', callback: { path, query: '?a=1&a=2&b=%2F&c=%2f&d=+&e=%20&f&g=' } },
      '/h?a=1&a=2&b=%2F&c=%2f&d=+&e=%20&f&g=',
    ],
    ['both queries', { url: 'h?k=v', callback: { path, query: '?a=1' } }, '/h?k=v&a=1'],
    ['a lone question mark', { url: 'h', callback: { path, query: '?' } }, '/h?'],
    ['no second question mark', { url: 'h?k=v', callback: { path, query: '?' } }, '/h?k=v'],
    [
      'the rest of a path route',
      { route: { prefix: '/ivr/' }, callback: { path: '/ivr/menu/1', query: '?x' } },
      '/menu/1?x',
    ],
    [
      'a rest that a URL parser would change',
      { url: 'b/', route: { prefix: '/ivr/' }, callback: { path: '/ivr/../a//b/./%2e%2e/c;d' } },
      '/b/../a//b/./%2e%2e/c;d',
    ],
    [
      'one slash between',
      { url: 'b', route: { prefix: '/ivr/' }, callback: { path: '/ivr/menu' } },
      '/b/menu',
    ],
    [
      'one slash, not two',
      { url: 'b/', route: { prefix: '/ivr' }, callback: { path: '/ivr/menu' } },
      '/b/menu',
    ],
    ['an empty rest', { url: 'b', route: { prefix: '/ivr' }, callback: { path: '/ivr' } }, '/b'],
    ['slashes of the rest', { route: { prefix: '/ivr' }, callback: { path: '/ivr//x' } }, '//x'],
  ])('%s', async (_name, example, expected) => {
    expect((await seenOf(example)).target).toBe(expected)
  })
})

describe('a method of the route', () => {
  const rawHeaders = ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']
  const body = Buffer.from('CallUUID=1&To=%2B1&x=+')

  test('GET moves the fields of a form into the query, byte for byte', async () => {
    const seen = await seenOf({
      url: '?k=v',
      route: { method: 'GET' },
      callback: { headers: headerTextOf(rawHeaders), body, query: '?q=1' },
    })
    expect([seen.method, seen.target]).toEqual(['GET', '/?k=v&q=1&CallUUID=1&To=%2B1&x=+'])
    expect(seen.body).toHaveLength(0)
  })

  test('GET loses nothing of a body that is no form', async () => {
    const seen = await seenOf({ route: { method: 'GET' }, callback: { body: Buffer.from('{"a":1}') } })
    expect([seen.method, seen.target, seen.body.toString()]).toEqual(['GET', '/', '{"a":1}'])
  })

  test('POST keeps the query of a GET', async () => {
    const seen = await seenOf({
      route: { method: 'POST' },
      callback: { method: 'GET', query: '?a=1', body: Buffer.alloc(0) },
    })
    expect([seen.method, seen.target, seen.header('content-length')]).toEqual(['POST', '/?a=1', '0'])
  })
})
