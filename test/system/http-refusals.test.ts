import { afterEach, beforeAll, describe, expect, test } from 'vitest'

import { headerValues, type RawMessage } from '../support/http-reader.ts'
import { type HttpRig, request, SIGNED_PATH, signatureHeaders, startHttpRig } from '../support/http-rig.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../support/random.ts'
import { exchange, RawClient } from '../support/raw-http.ts'

// What must not get through the public port: ambiguous framing, forms that Node's own parser lets pass but another
// one may read differently, and whatever is not signed properly. Nothing of it may reach the handler.

let rig: HttpRig
const seenByHandler: RawMessage[] = []

beforeAll(async () => {
  rig = await startHttpRig()
  return async () => rig[Symbol.asyncDispose]()
})
afterEach(() => {
  seenByHandler.push(...rig.upstream.take())
})

interface Refusal {
  readonly status: number | undefined
  readonly closed: boolean
  /** Requests that reached the handler. */
  readonly forwarded: number
}

/** What becomes of these bytes on a connection of their own. */
async function send(bytes: string | Uint8Array): Promise<Refusal> {
  await using client = await RawClient.open(rig.port)
  const answer = await client.send(bytes).read()
  const saysClose = answer !== undefined && headerValues(answer, 'connection').includes('close')
  const closed = (answer === undefined || saysClose) && (await client.isClosed())
  const forwarded = rig.upstream.take()
  seenByHandler.push(...forwarded)
  return { status: answer?.status, closed, forwarded: forwarded.length }
}

/** Refused, the connection closed where the rest of it cannot be trusted, and nothing forwarded. */
const refusedWith = (...statuses: number[]): Refusal => ({
  status: expect.toBeOneOf(statuses) as number,
  closed: true,
  forwarded: 0,
})
const refusedOpen = (...statuses: number[]): Refusal => ({
  ...refusedWith(...statuses),
  closed: expect.any(Boolean) as boolean,
})
const nowSeconds = (): number => Math.floor(Date.now() / 1000)

const post = (...lines: string[]): string => ['POST /raw/hook HTTP/1.1', ...lines, '', ''].join('\r\n')

describe('the request line', () => {
  test.each([
    ['absolute form', 'http://evil.test/raw/hook'],
    ['absolute form of our own host', 'http://localhost/raw/hook'],
    ['asterisk form', '*'],
    ['authority-like path', '//evil.test/raw/hook'],
    ['fragment', '/raw/hook#part'],
    ['backslash', '/raw\\hook'],
    ['backslash after the prefix', '/raw/a\\b'],
    ['encoded NUL', '/raw/a%00b'],
    ['encoded line end', '/raw/a%0d%0aX-Evil:%201'],
    ['bytes above 7F', '/raw/caf\xe9'],
    ['a dot segment, which the handler would resolve', '/raw/../admin'],
    ['an encoded dot segment', '/raw/a/%2e%2E/admin'],
    ['no slash', 'raw/hook'],
  ])('C20 a target in %s is refused', async (_what, target) => {
    expect(await send(`POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx`)).toEqual(
      refusedOpen(400, 404),
    )
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'C26 %s is refused',
    async (method) => {
      const { answer } = await exchange(rig.port, request(`${method} /raw/hook HTTP/1.1`))
      expect(answer?.status).toBe(405)
      expect(answer === undefined ? [] : headerValues(answer, 'allow')).toEqual(['GET, POST'])
      expect(rig.upstream.take()).toEqual([])
    },
  )

  test.each([
    ['CONNECT', 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n'],
    ['lower case', 'post /raw/hook HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['RTSP', 'ANNOUNCE /raw/hook RTSP/1.0\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx'],
    ['ICE', 'SOURCE /raw/hook ICE/1.0\r\nHost: localhost\r\n\r\n'],
    ['HTTP/0.9', 'GET /raw/hook\r\n\r\n'],
    ['HTTP/2.0', 'POST /raw/hook HTTP/2.0\r\nHost: localhost\r\n\r\n'],
    ['HTTP/1.2', 'POST /raw/hook HTTP/1.2\r\nHost: localhost\r\n\r\n'],
    ['a tab for a blank', 'POST\t/raw/hook\tHTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a blank in the target', 'POST /raw/ho ok HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('C26 a request line with %s is refused', async (_what, bytes) => {
    expect(await send(bytes)).toEqual(refusedWith(400, 405, 505))
  })

  test('C27 the preface of HTTP/2 is refused', async () => {
    expect(await send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toEqual(refusedWith(400, 505))
  })
})

describe('Host', () => {
  test.each([
    ['none', []],
    ['two', ['Host: localhost', 'Host: evil.test']],
    ['two of the same', ['Host: localhost', 'Host: localhost']],
    ['an empty one', ['Host: ']],
    ['a list', ['Host: localhost, evil.test']],
    ['a path', ['Host: localhost/evil']],
    ['a user', ['Host: user@localhost']],
    ['a port that is none', ['Host: localhost:http']],
    ['a blank inside', ['Host: local host']],
  ])('C21 with %s the request is refused', async (_what, lines) => {
    expect(await send(post(...lines, 'Content-Length: 0'))).toEqual(refusedWith(400))
  })
})

describe('the framing', () => {
  test.each([
    ['Content-Length and Transfer-Encoding', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['Transfer-Encoding and Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['Content-Length: 0 and Transfer-Encoding', ['Content-Length: 0', 'Transfer-Encoding: chunked']],
  ])('C22 %s together are refused', async (_what, lines) => {
    expect(
      await send(
        `${post('Host: localhost', ...lines)}0\r\n\r\nGET /raw/SMUGGLED HTTP/1.1\r\nHost: a\r\n\r\n`,
      ),
    ).toEqual(refusedWith(400))
  })

  test.each([
    ['two that agree', ['Content-Length: 5', 'Content-Length: 5']],
    ['two that differ', ['Content-Length: 5', 'Content-Length: 6']],
    ['5,5', ['Content-Length: 5,5']],
    ['+5', ['Content-Length: +5']],
    ['-1', ['Content-Length: -1']],
    ['0x5', ['Content-Length: 0x5']],
    ['5 5', ['Content-Length: 5 5']],
    ['5;', ['Content-Length: 5;']],
    ['nothing', ['Content-Length: ']],
    ['2^64', ['Content-Length: 18446744073709551616']],
    ['007', ['Content-Length: 007']],
    ['00', ['Content-Length: 00']],
    ['1e0', ['Content-Length: 1e0']],
  ])('C23 a Content-Length of %s is refused', async (_what, lines) => {
    expect(await send(`${post('Host: localhost', ...lines)}hello`)).toEqual(refusedWith(400, 413))
  })

  test.each([
    'gzip',
    'gzip, chunked',
    ',chunked',
    'chunked,',
    'chunked, chunked',
    'chunked, identity',
    'identity',
    'xchunked',
    'chunkedx',
    '"chunked"',
    '\x0bchunked',
    'chunked;q=1',
  ])('C24 Transfer-Encoding: %s is refused', async (encoding) => {
    expect(await send(`${post('Host: localhost', `Transfer-Encoding: ${encoding}`)}0\r\n\r\n`)).toEqual(
      refusedWith(400, 501),
    )
  })

  test('C24 two Transfer-Encoding headers are refused', async () => {
    const twice = post('Host: localhost', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')
    expect(await send(`${twice}0\r\n\r\n`)).toEqual(refusedWith(400, 501))
  })

  test('C24 chunks in HTTP/1.0 are refused', async () => {
    const head = post('Host: localhost', 'Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0')
    expect(await send(`${head}0\r\n\r\n`)).toEqual(refusedWith(400, 501))
  })

  test.each([
    ['bare LF in the head', 'POST /raw/hook HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n'],
    ['bare LF after one header', post('Host: localhost\nX-Evil: 1', 'Content-Length: 0')],
    ['bare CR in a value', post('Host: localhost', 'X-A: 1\rX-Evil: 1', 'Content-Length: 0')],
    ['a folded header', post('Host: localhost', 'X-A: 1', ' folded', 'Content-Length: 0')],
    ['a folded first header', post(' Host: localhost', 'Content-Length: 0')],
    ['a blank before the colon', post('Host: localhost', 'Content-Length : 0')],
    ['NUL in a value', post('Host: localhost', 'X-A: a\0b', 'Content-Length: 0')],
    ['NUL in a name', post('Host: localhost', 'X\0A: b', 'Content-Length: 0')],
    ['a header without a colon', post('Host: localhost', 'Nonsense', 'Content-Length: 0')],
    ['a header without a name', post('Host: localhost', ': x', 'Content-Length: 0')],
    ['bytes above 7F in a name', post('Host: localhost', 'X-\xe9: 1', 'Content-Length: 0')],
    ['DEL in a value', post('Host: localhost', 'X-A: a\x7fb', 'Content-Length: 0')],
  ])('C25 %s is refused', async (_what, bytes) => {
    expect(await send(bytes)).toEqual(refusedWith(400))
  })

  test.each([
    ['a size that is no number', 'x\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size with 0x', '0x1\r\na\r\n0\r\n\r\n'],
    ['a size with a blank in front', ' 1\r\na\r\n0\r\n\r\n'],
    ['a size with an underscore', '1_0\r\n0123456789abcdef\r\n0\r\n\r\n'],
    ['a size beyond 64 bits', 'fffffffffffffffff\r\na\r\n0\r\n\r\n'],
    ['bare LF after the size', '1\na\r\n0\r\n\r\n'],
    ['bare LF after the data', '1\r\na\n0\r\n\r\n'],
    ['data longer than its size', '1\r\nabc\r\n0\r\n\r\n'],
    ['bare LF in an extension', '1;a\nb\r\na\r\n0\r\n\r\n'],
    ['a bare CR in an extension', '1;a\rb\r\na\r\n0\r\n\r\n'],
  ])('T5 %s of a chunk is refused', async (_what, chunks) => {
    expect(await send(`${post('Host: localhost', 'Transfer-Encoding: chunked')}${chunks}`)).toEqual(
      refusedWith(400, 413),
    )
  })

  test('T5 trailers end here', async () => {
    const head = post('Host: localhost', 'Transfer-Encoding: chunked', 'Trailer: X-Late')
    const { answer } = await exchange(rig.port, `${head}1\r\na\r\n0\r\nX-Late: 1\r\n\r\n`)
    const requests = rig.upstream.take()
    expect([answer?.status, requests.length]).toEqual([200, 1])
    expect(requests.flatMap((message) => headerValues(message, 'x-late'))).toEqual([])
    expect(requests.flatMap((message) => headerValues(message, 'content-length'))).toEqual(['1'])
  })

  test('T5 a trailer that speaks of the framing is refused', async () => {
    const head = post('Host: localhost', 'Transfer-Encoding: chunked', 'Trailer: Content-Length')
    expect(await send(`${head}1\r\na\r\n0\r\nContent-Length: 99\r\n\r\n`)).toEqual(refusedWith(400))
  })

  test('T5 what follows a complete body is a request of its own with an answer of its own', async () => {
    await using client = await RawClient.open(rig.port)
    client.send(Buffer.concat([request('POST /raw/one HTTP/1.1', [], 'x'), request('GET /raw/two HTTP/1.1')]))
    expect([(await client.read())?.status, (await client.read())?.status]).toEqual([200, 200])
    const lines = rig.upstream.take().map(({ startLine }) => startLine)
    expect(lines.sort()).toEqual(['GET /up/two HTTP/1.1', 'POST /up/one HTTP/1.1'])
  })

  test('T5 a request that ends before its body does is not forwarded', async () => {
    await using client = await RawClient.open(rig.port)
    client.send(`${post('Host: localhost', 'Content-Length: 10')}hello`).finish()
    const answer = await client.read()
    expect([undefined, 400, 408]).toContain(answer?.status)
    expect(rig.upstream.take()).toEqual([])
  })
})

describe('header names', () => {
  test('T7 a name with an underscore is refused', async () => {
    expect(await send(request('POST /raw/hook HTTP/1.1', [['x_vobiz_signature', 'a']], 'x'))).toEqual(
      refusedWith(400),
    )
  })

  test.each([
    'Host',
    'Content-Length',
    'Content-Type',
    'Authorization',
    'X-Vobiz-Signature',
    'X-Forwarded-For',
  ])('T7 a Connection header that would drop %s is refused', async (name) => {
    const headers = [
      ['Connection', `keep-alive, ${name}`],
      ['Content-Type', 'application/json'],
    ] as const
    expect(await send(request('POST /raw/hook HTTP/1.1', headers, 'x'))).toEqual(refusedWith(400))
  })

  test('T8 no header value makes a header of its own, and what is legal arrives as it was', async () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    await using client = await RawClient.open(rig.port)
    for (let i = 0; i < 500; i++) {
      const value = hostileValue(random)
      const answer = await client.send(request('POST /raw/hook HTTP/1.1', [['X-Fuzz', value]], 'x')).read()
      const seen = rig.upstream.take().map((message) => ({
        fuzz: headerValues(message, 'x-fuzz'),
        evil: headerValues(message, 'x-evil'),
      }))
      expect({ seed, status: answer?.status, seen }).toEqual({
        seed,
        status: 200,
        seen: [{ fuzz: [value], evil: [] }],
      })
    }
  })
})

/** A value that is legal in HTTP and looks like a line end to careless code; no blanks at its ends. */
function hostileValue(random: () => number): string {
  const parts = [
    '%0d%0a',
    '\\r\\n',
    'X-Evil: 1',
    '\x85',
    '\xe5\x98\x8a',
    '\xc4\x8d',
    '\t',
    ' ',
    ',',
    ';',
    '"',
    ':',
  ]
  const length = 1 + intBelow(random, 12)
  const inside = Array.from({ length }, () =>
    random() < 0.7 ? pick(random, parts) : String.fromCharCode(0x80 + intBelow(random, 128)),
  )
  return `<${inside.join('')}>`
}

describe('signatures', () => {
  const body = JSON.stringify({ event: 'call.completed', call_id: 'signed' })
  const [, stamp] = signatureHeaders(body)
  const mac = (): string => signatureHeaders(body)[0][1]

  test('a properly signed callback is delivered with its signature', async () => {
    const unique = `${body} ${Math.random()}`
    const [signature, timestamp] = signatureHeaders(unique)
    const { answer } = await exchange(
      rig.port,
      request(`POST ${SIGNED_PATH} HTTP/1.1`, [signature, timestamp], unique),
    )
    const [message] = rig.upstream.take()
    expect([answer?.status, message?.startLine]).toEqual([200, 'POST /handler HTTP/1.1'])
    expect(message?.body.toString()).toBe(unique)
    expect(message === undefined ? [] : headerValues(message, 'x-vobiz-signature')).toEqual([signature[1]])
  })

  test.each<[string, () => readonly (readonly [string, string])[]]>([
    ['no signature', () => []],
    ['a timestamp only', () => [stamp]],
    ['a signature only', () => [['x-vobiz-signature', mac()]]],
    ['the signature of another body', () => signatureHeaders('another')],
    ['a signature of all zeros', () => [['x-vobiz-signature', '0'.repeat(64)], stamp]],
    ['an empty signature', () => [['x-vobiz-signature', ''], stamp]],
    ['a short signature', () => [['x-vobiz-signature', mac().slice(0, 63)], stamp]],
    ['a long signature', () => [['x-vobiz-signature', `${mac()}0`], stamp]],
    ['a prefixed signature', () => [['x-vobiz-signature', `sha256=${mac()}`], stamp]],
    ['64 characters beyond ASCII', () => [['x-vobiz-signature', '\xe9'.repeat(64)], stamp]],
    [
      'two signatures, the second one good',
      () => [['x-vobiz-signature', 'f'.repeat(64)], ...signatureHeaders(body)],
    ],
    ['a stale timestamp', () => signatureHeaders(body, String(nowSeconds() - 301))],
    ['a timestamp of the future', () => signatureHeaders(body, String(nowSeconds() + 310))],
    ['a timestamp in hex', () => signatureHeaders(body, `0x${nowSeconds().toString(16)}`)],
    ['a timestamp with a fraction', () => signatureHeaders(body, `${nowSeconds()}.0`)],
    ['a timestamp with a sign', () => signatureHeaders(body, `+${nowSeconds()}`)],
    ['a timestamp with an exponent', () => signatureHeaders(body, `${nowSeconds()}e0`)],
    ['a timestamp that is no number', () => signatureHeaders(body, 'abc')],
  ])('%s gets 401', async (_what, headers) => {
    expect(await send(request(`POST ${SIGNED_PATH} HTTP/1.1`, headers(), body))).toEqual(refusedOpen(401))
  })

  test('a capture whose dot was moved from the body into the timestamp gets 401', async () => {
    const [old] = signatureHeaders('{"event":"call.completed","duration":1.5}', '1700000000')
    const headers = [old, ['x-vobiz-timestamp', '1700000000.{"event":"call']] as const
    expect(
      await send(request(`POST ${SIGNED_PATH} HTTP/1.1`, headers, 'completed","duration":1.5}')),
    ).toEqual(refusedOpen(401))
  })

  test('a path that no route has gets 404', async () => {
    const unknown = ['/', '/nowhere', '/raw', '/RAW/hook', '/%72aw/hook', '/./raw/hook', '/vobiz/MA_OTHER']
    for (const target of unknown) {
      expect(await send(request(`POST ${target} HTTP/1.1`, signatureHeaders(body), body))).toEqual(
        refusedOpen(404),
      )
    }
  })
})

describe('every refusal', () => {
  test.each<[number, string, string | Uint8Array]>([
    [400, 'the parser', post('Host: localhost', 'Content-Length: -1')],
    [400, 'our own check', post('Host: a/b', 'Content-Length: 0')],
    [401, 'the signature', request(`POST ${SIGNED_PATH} HTTP/1.1`, [], 'x')],
    [404, 'the path', request('POST /nowhere HTTP/1.1', [], 'x')],
    [
      404,
      'the path, under a content type that is none',
      request('POST /nowhere HTTP/1.1', [['Content-Type', 'a|b']], 'x'),
    ],
    [404, 'the path, which cannot be decoded', request('GET /%zz HTTP/1.1')],
    [404, 'the path, under a method that few know', request('PROPFIND /nowhere HTTP/1.1')],
    [405, 'the method', request('PUT /raw/hook HTTP/1.1', [], 'x')],
    [413, 'the size', request('POST /raw/hook HTTP/1.1', [['Content-Length', '99999999']])],
    [417, 'the expectation', request('POST /raw/hook HTTP/1.1', [['Expect', 'miracles']], 'x')],
    [431, 'the head', request('POST /raw/hook HTTP/1.1', [['X-Long', 'v'.repeat(17_000)]])],
  ])('%i for %s is a short problem document that names no part of ours', async (status, _for, bytes) => {
    const { answer } = await exchange(rig.port, bytes)
    const types = answer === undefined ? [] : headerValues(answer, 'content-type')
    expect([answer?.status, types]).toEqual([status, ['application/problem+json']])
    const document = JSON.parse(answer?.body.toString() ?? '') as { status: unknown }
    expect(document.status).toBe(status)
    expect(answer?.body.length).toBeLessThan(300)
    expect(answer?.body.toString()).not.toMatch(/fastify|undici|FST_|HPE_|node_modules|\.ts:/i)
  })
})

test('who asks for a tunnel and is gone before the refusal takes nobody else along', async () => {
  for (let i = 0; i < 20; i++) {
    const client = await RawClient.open(rig.port)
    client.send('CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n').reset()
  }
  expect(await send(request('POST /raw/hook HTTP/1.1', [], 'x'))).toMatchObject({ status: 200, forwarded: 1 })
  expect(rig.ringback.hasExited()).toBe(false)
})

test('no request hidden in another one has ever reached the handler, and nothing but proper HTTP', () => {
  expect(seenByHandler.filter(({ startLine }) => startLine.includes('SMUGGLED'))).toEqual([])
  expect(rig.upstream.malformed).toEqual([])
})
