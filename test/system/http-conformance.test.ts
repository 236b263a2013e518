import { randomBytes } from 'node:crypto'

import { afterEach, beforeAll, describe, expect, test } from 'vitest'

import { headerValues, type RawMessage } from '../support/http-reader.ts'
import { type HttpRig, request, SIGNED_PATH, signatureHeaders, startHttpRig } from '../support/http-rig.ts'
import { exchange, RawClient } from '../support/raw-http.ts'

// What the public port does with well-formed HTTP, looked at as bytes on both sides. The numbers are those of the
// conformance list in docs/security.md; what must be refused stands in http-refusals.test.ts.

const MIB = 1_048_576
let rig: HttpRig

beforeAll(async () => {
  rig = await startHttpRig()
  return async () => rig[Symbol.asyncDispose]()
})
afterEach(() => {
  rig.upstream.take()
})

/** Sends one request, expects 200, and returns what the handler saw of it. */
async function delivered(bytes: Uint8Array): Promise<RawMessage> {
  const { answer } = await exchange(rig.port, bytes)
  expect(answer?.status).toBe(200)
  return theOnlyRequest()
}

function theOnlyRequest(): RawMessage {
  const requests = rig.upstream.take()
  expect(requests).toHaveLength(1)
  return requests[0] as RawMessage
}

/** Headers that the handler saw, without those named; names in the case they were sent in. */
function seen(message: RawMessage, ...names: string[]): (readonly [string, string])[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return message.headers.filter(([name]) => wanted.has(name.toLowerCase()))
}

describe('the body', () => {
  test('C01 a JSON body of 800 bytes arrives byte for byte, with one Content-Length', async () => {
    const body = Buffer.from(
      JSON.stringify({ event: 'call.completed', call_id: 'c1', note: 'x'.repeat(750) }),
    )
    const message = await delivered(
      request('POST /raw/hook HTTP/1.1', [['Content-Type', 'application/json']], body),
    )
    expect(message.startLine).toBe('POST /up/hook HTTP/1.1')
    expect(message.body.equals(body)).toBe(true)
    expect(headerValues(message, 'content-length')).toEqual([String(body.length)])
    expect(headerValues(message, 'transfer-encoding')).toEqual([])
  })

  test('C02 a chunked body, sent byte by byte with chunk extensions, arrives with a Content-Length', async () => {
    await using client = await RawClient.open(rig.port)
    const chunks = '5;name="v;x"\r\nhello\r\n1\r\n,\r\n00006\r\n world\r\n0\r\n\r\n'
    await client.sendByteByByte(
      request('POST /raw/hook HTTP/1.1', [['Transfer-Encoding', 'chunked']], chunks),
    )
    expect((await client.read())?.status).toBe(200)
    const message = theOnlyRequest()
    expect(message.body.toString()).toBe('hello, world')
    expect(headerValues(message, 'content-length')).toEqual(['12'])
    expect(headerValues(message, 'transfer-encoding')).toEqual([])
  })

  test.each([
    ['every byte from 00 to FF', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['invalid UTF-8', Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff])],
    ['a byte order mark and CRLF ends', Buffer.from('\ufeff{"a":1}\r\n\r\n', 'utf8')],
    [
      'numbers and escapes that a JSON parser would rewrite',
      Buffer.from('{"b":1.0,"a":-0,"\\u00e9":1e2 , "a":2}'),
    ],
  ])('C03 %s stays as it is', async (_what, body) => {
    const message = await delivered(
      request('POST /raw/hook HTTP/1.1', [['Content-Type', 'application/json']], body),
    )
    expect(message.body.equals(body)).toBe(true)
  })

  test.each([
    ['Content-Length: 0', [['Content-Length', '0']] as const],
    ['neither Content-Length nor Transfer-Encoding', []],
  ])('C04 a POST with %s reaches the handler with Content-Length: 0', async (_what, headers) => {
    const message = await delivered(request('POST /raw/hook HTTP/1.1', headers))
    expect(headerValues(message, 'content-length')).toEqual(['0'])
    expect(message.body).toHaveLength(0)
  })

  test('C11 an encoded body under an odd charset is passed on, not decoded', async () => {
    const body = randomBytes(300)
    const headers = [
      ['Content-Type', 'text/plain; charset="x-weird";v=1'],
      ['Content-Encoding', 'gzip'],
    ] as const
    const message = await delivered(request('POST /raw/hook HTTP/1.1', headers, body))
    expect(seen(message, 'content-type', 'content-encoding')).toEqual(headers)
    expect(message.body.equals(body)).toBe(true)
  })

  test('C16 a body of exactly the limit is taken', async () => {
    const body = Buffer.alloc(MIB, 0x61)
    const message = await delivered(request('POST /raw/hook HTTP/1.1', [], body))
    expect(message.body.equals(body)).toBe(true)
  })

  test('C16 a declared body of one byte more is refused with 413 before it is sent', async () => {
    const head = request('POST /raw/hook HTTP/1.1', [['Content-Length', String(MIB + 1)]])
    const { answer, closed } = await exchange(rig.port, head)
    expect([answer?.status, closed, rig.upstream.take()]).toEqual([413, true, []])
  })

  test('C16 a sender that sends such a body at once still reads its 413', async () => {
    const { answer } = await exchange(rig.port, request('POST /raw/hook HTTP/1.1', [], Buffer.alloc(MIB + 1)))
    expect([answer?.status, rig.upstream.take()]).toEqual([413, []])
  })

  test('C16 a chunked body of one byte more is cut off with 413', async () => {
    const chunks = `${(MIB + 1).toString(16)}\r\n${'a'.repeat(MIB + 1)}\r\n0\r\n\r\n`
    const bytes = request('POST /raw/hook HTTP/1.1', [['Transfer-Encoding', 'chunked']], chunks)
    const { answer, closed } = await exchange(rig.port, bytes)
    expect([answer?.status, closed, rig.upstream.take()]).toEqual([413, true, []])
  })
})

describe('the target', () => {
  test.each([
    '?a=1&a=2&b=%2F&c=%2f&d=+&e=%20&f&g=',
    '/a//b;p=1/c..d/.e/%41%c3%a9%2F',
    "/it's(a)*path!$,~@x:y=z",
    '?',
    '??a=/b?c',
  ])('C05 %s is passed on as it was dialled', async (rest) => {
    const target = `/raw/cb${rest}`
    const message = await delivered(request(`GET ${target} HTTP/1.1`))
    expect(message.startLine).toBe(`GET /up/cb${rest} HTTP/1.1`)
    expect(message.body).toHaveLength(0)
  })

  test('C06 HEAD is refused with 405 and Allow, without a body', async () => {
    await using client = await RawClient.open(rig.port)
    const answer = await client.send(request('HEAD /raw/cb HTTP/1.1')).finish().read({ toHead: true })
    expect(answer?.status).toBe(405)
    expect(answer === undefined ? [] : headerValues(answer, 'allow')).toEqual(['GET, POST'])
    await client.isClosed()
    expect(client.leftOver.toString()).toBe('')
    expect(rig.upstream.take()).toEqual([])
  })
})

describe('the headers', () => {
  test('C07 order, case and repeats of end-to-end headers are kept', async () => {
    const sent = [
      ['X-b', '1'],
      ['x-A', '2'],
      ['X-B', '3'],
      ['ACCEPT', 'text/html'],
      ['accept', '*/*'],
      ['Cookie', 'a=b; c=d'],
      ['X-Empty', ''],
    ] as const
    const message = await delivered(request('POST /raw/hook HTTP/1.1', sent, 'x'))
    expect(seen(message, 'x-b', 'x-a', 'accept', 'cookie', 'x-empty')).toEqual(sent)
  })

  test('C08 headers of one hop, and those that Connection names, end here', async () => {
    const message = await delivered(
      request(
        'POST /raw/hook HTTP/1.1',
        [
          ['Connection', 'keep-alive, X-Drop-Me'],
          ['Keep-Alive', 'timeout=5'],
          ['Proxy-Connection', 'keep-alive'],
          ['TE', 'trailers'],
          ['Trailer', 'X-Late'],
          ['Upgrade', 'foo/1'],
          ['Proxy-Authorization', 'Basic eDp5'],
          ['Proxy-Authenticate', 'Basic'],
          ['X-Drop-Me', 'please'],
          ['X-Keep-Me', 'yes'],
        ],
        'x',
      ),
    )
    const gone = ['keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'proxy-authorization']
    expect(seen(message, ...gone, 'proxy-authenticate', 'x-drop-me')).toEqual([])
    expect(headerValues(message, 'x-keep-me')).toEqual(['yes'])
    for (const value of headerValues(message, 'connection')) expect(value).toMatch(/^(keep-alive|close)$/)
  })

  test('C09 Host names the handler; what was dialled stands in X-Forwarded-*', async () => {
    const message = await delivered(request('POST /raw/hook HTTP/1.1', [['Host', rig.host]], 'x'))
    expect(headerValues(message, 'host')).toEqual([`127.0.0.1:${rig.upstream.port}`])
    expect(headerValues(message, 'x-forwarded-host')).toEqual([rig.host])
    expect(headerValues(message, 'x-forwarded-proto')).toEqual(['http'])
  })

  test('C10 what an untrusted peer says of the sender is replaced', async () => {
    const message = await delivered(
      request(
        'POST /raw/hook HTTP/1.1',
        [
          ['Host', rig.host],
          ['X-Forwarded-For', '203.0.113.9'],
          ['X-Forwarded-For', '198.51.100.7'],
          ['X-Forwarded-Proto', 'gopher'],
          ['X-Forwarded-Host', 'evil.test'],
          ['Forwarded', 'for=203.0.113.9'],
          ['X-Real-IP', '203.0.113.9'],
        ],
        'x',
      ),
    )
    expect(headerValues(message, 'x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(headerValues(message, 'x-forwarded-proto')).toEqual(['http'])
    expect(headerValues(message, 'x-forwarded-host')).toEqual([rig.host])
    expect(seen(message, 'forwarded', 'x-real-ip')).toEqual([])
  })

  test('C10 a trusted peer is appended to what it says', async () => {
    await using trusting = await startHttpRig('trusted_proxies: [127.0.0.0/8]\n')
    const bytes = request('POST /raw/hook HTTP/1.1', [['X-Forwarded-For', '203.0.113.9']], 'x')
    expect((await exchange(trusting.port, bytes)).answer?.status).toBe(200)
    const [message] = trusting.upstream.take()
    expect(message === undefined ? [] : headerValues(message, 'x-forwarded-for')).toEqual([
      '203.0.113.9, 127.0.0.1',
    ])
  })

  test('C12 Expect: 100-continue is answered here and not passed on', async () => {
    await using client = await RawClient.open(rig.port)
    const headers = [
      ['Expect', '100-continue'],
      ['Content-Length', '5'],
    ] as const
    client.send(request('POST /raw/hook HTTP/1.1', headers))
    expect((await client.read())?.status).toBe(100)
    expect((await client.send('hello').read())?.status).toBe(200)
    const message = theOnlyRequest()
    expect(headerValues(message, 'expect')).toEqual([])
    expect(message.body.toString()).toBe('hello')
  })

  test('C12 an unknown expectation is refused with 417', async () => {
    const { answer } = await exchange(
      rig.port,
      request('POST /raw/hook HTTP/1.1', [['Expect', 'miracles']], 'x'),
    )
    expect([answer?.status, rig.upstream.take()]).toEqual([417, []])
  })

  test('C13 nothing is added but our own headers, each once', async () => {
    const sent = [
      ['User-Agent', 'Vobiz-Webhook/1.0'],
      ['Accept', '*/*'],
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ] as const
    const message = await delivered(request('POST /raw/hook HTTP/1.1', sent, 'x'))
    expect(seen(message, 'user-agent', 'accept', 'traceparent')).toEqual(sent)
    const sentNames = new Set(sent.map(([name]) => name.toLowerCase()))
    const added = message.headers.map(([name]) => name.toLowerCase()).filter((name) => !sentNames.has(name))
    const ours = [
      'content-length',
      'host',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-ringback-attempt',
      'x-ringback-delivery',
    ]
    expect(added.filter((name) => name !== 'connection').sort()).toEqual(ours)
  })

  test('C13 what a sender claims to be Ringback’s is not believed', async () => {
    const forged = [
      ['X-Ringback-Delivery', 'forged'],
      ['X-Ringback-Attempt', '99'],
    ] as const
    const message = await delivered(request('POST /raw/hook HTTP/1.1', forged, 'x'))
    expect(headerValues(message, 'x-ringback-delivery')).toEqual([
      expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    ])
    expect(headerValues(message, 'x-ringback-attempt')).toEqual(['1'])
  })

  test('C14 bytes 80 to FF in a header value stay as they are', async () => {
    const value = Array.from({ length: 128 }, (_, i) => String.fromCharCode(128 + i)).join('')
    const message = await delivered(request('POST /raw/hook HTTP/1.1', [['X-Name', `a${value}z`]], 'x'))
    expect(headerValues(message, 'x-name')).toEqual([`a${value}z`])
  })

  test('C15 a hundred headers of 15 KB together are passed on', async () => {
    const many = Array.from({ length: 100 }, (_, i) => [`X-Header-${i}`, 'v'.repeat(130)] as const)
    const message = await delivered(request('POST /raw/hook HTTP/1.1', many, 'x'))
    expect(message.headers.filter(([name]) => name.startsWith('X-Header-'))).toEqual(many)
  })

  test.each([
    ['a head of 17 KB', [['X-Long', 'v'.repeat(17_000)]] as const],
    ['more than 200 headers', Array.from({ length: 201 }, (_, i) => [`X-${i}`, '1'] as const)],
  ])('C15 %s is refused with 431', async (_what, headers) => {
    const { answer, closed } = await exchange(rig.port, request('POST /raw/hook HTTP/1.1', headers, 'x'))
    expect([answer?.status, closed, rig.upstream.take()]).toEqual([431, true, []])
  })
})

describe('the connection', () => {
  test('C17 of two pipelined callbacks the badly signed one is refused, and the answers come in order', async () => {
    await using client = await RawClient.open(rig.port)
    const body = JSON.stringify({ event: 'call.completed', call_id: 'pipelined' })
    const good = request(`POST ${SIGNED_PATH} HTTP/1.1`, signatureHeaders(body), body)
    const bad = request(`POST ${SIGNED_PATH} HTTP/1.1`, signatureHeaders('something else'), body)
    client.send(Buffer.concat([good, bad]))
    expect([(await client.read())?.status, (await client.read())?.status]).toEqual([200, 401])
    expect(theOnlyRequest().body.toString()).toBe(body)
  })

  test('C18 one connection carries a hundred callbacks, until Connection: close', async () => {
    await using client = await RawClient.open(rig.port)
    for (let i = 0; i < 99; i++) {
      const answer = await client.send(request('POST /raw/hook HTTP/1.1', [], `body ${i}`)).read()
      expect(answer?.status).toBe(200)
    }
    const last = await client
      .send(request('POST /raw/hook HTTP/1.1', [['Connection', 'close']], 'last'))
      .read()
    expect(last === undefined ? [] : headerValues(last, 'connection')).toEqual(['close'])
    expect(await client.isClosed()).toBe(true)
    expect(rig.upstream.take()).toHaveLength(100)
  })

  test('C19 an HTTP/1.0 client reads an answer that is not chunked, and the connection closes', async () => {
    await using client = await RawClient.open(rig.port)
    const answer = await client.send(request('POST /raw/hook HTTP/1.0', [], 'x')).read()
    expect([answer?.status, answer?.framing, await client.isClosed()]).toEqual([200, 'length', true])
    expect(theOnlyRequest().startLine).toBe('POST /up/hook HTTP/1.1')
  })

  test('C19 an HTTP/1.0 client that asks to keep the connection reads an answer that is not chunked', async () => {
    const { answer } = await exchange(
      rig.port,
      request('POST /raw/hook HTTP/1.0', [['Connection', 'keep-alive']], 'x'),
    )
    expect([answer?.status, answer?.framing]).toEqual([200, 'length'])
  })

  test('C27 an offer to upgrade is not taken up; the callback is delivered', async () => {
    const headers = [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
    ] as const
    const message = await delivered(request('POST /raw/hook HTTP/1.1', headers, 'x'))
    expect(seen(message, 'upgrade', 'http2-settings')).toEqual([])
  })

  test('C27 a websocket handshake gets an ordinary answer', async () => {
    const headers = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ] as const
    const message = await delivered(request('GET /raw/cb HTTP/1.1', headers))
    expect(seen(message, 'upgrade')).toEqual([])
  })
})

test('the handler has never seen anything but proper HTTP', () => {
  expect(rig.upstream.malformed).toEqual([])
})
