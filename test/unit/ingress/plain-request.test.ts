import { createServer, type IncomingMessage } from 'node:http'
import { duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { headerTextOf } from '../../../src/callback/header-text.ts'
import { readPlainRequest } from '../../../src/ingress/plain/plain-request.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../support/random.ts'

const BODY = '{"event":"call.completed"}'
const usual = [
  'POST /vobiz/MA_1?x=%20y HTTP/1.1',
  'Host: cb.example.com:8080',
  'User-Agent: Vobiz/1.0 (+https://vobiz.example)',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
  'X-Vobiz-Signature: 00ff',
  'Accept: */*',
] as const

function requestOf(lines: readonly string[], body = BODY): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}

/** What Node's own parser reads at the beginning of these bytes; undefined when it refuses them. */
async function readByNode(bytes: Buffer) {
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    joinDuplicateHeaders: false,
  })
  const seen = Promise.withResolvers<Awaited<ReturnType<typeof facts>> | undefined>()
  server.on('request', (request) => void facts(request).then(seen.resolve, seen.reject))
  server.on('clientError', () => seen.resolve(undefined))
  server.on('checkExpectation', () => seen.resolve(undefined))
  server.on('upgrade', () => seen.resolve(undefined))
  const [here, there] = duplexPair()
  here.on('error', () => undefined)
  there.on('error', () => undefined)
  server.emit('connection', there)
  here.end(bytes)
  const found = await seen.promise
  here.destroy()
  there.destroy()
  return found
}

async function facts(request: IncomingMessage) {
  const { method, url, httpVersion, rawHeaders } = request
  return {
    method,
    target: url,
    httpVersion,
    headers: headerTextOf(rawHeaders),
    body: (await buffer(request)).toString('latin1'),
  }
}

test('the request of an ordinary client is plain', () => {
  const bytes = requestOf(usual)
  expect(readPlainRequest(bytes)).toMatchObject({
    method: 'POST',
    target: '/vobiz/MA_1?x=%20y',
    headers: `${usual.slice(1).join('\r\n')}\r\n`,
    bodyAt: bytes.length - BODY.length,
    end: bytes.length,
    head: { contentType: 'application/json', contentLength: BODY.length },
  })
})

test.each([
  ['another method', ['PUT / HTTP/1.1', ...usual.slice(1)]],
  ['an older version', ['POST / HTTP/1.0', ...usual.slice(1)]],
  ['an absolute target', ['POST http://a/ HTTP/1.1', ...usual.slice(1)]],
  ['chunks', [...usual, 'Transfer-Encoding: chunked']],
  ['an expectation', [...usual, 'expect: 100-continue']],
  ['an upgrade', [...usual, 'Upgrade: h2c']],
  ['a connection that is to be closed', [...usual, 'Connection: close']],
  ['a connection that names headers', [...usual, 'Connection: keep-alive, X-A']],
  ['no Host', usual.filter((line) => !line.startsWith('Host'))],
  ['two Hosts', [...usual, 'host: other.example']],
  ['two lengths', [...usual, 'content-length: 1']],
  [
    'a length that is no number',
    [...usual.filter((line) => !line.startsWith('Content-L')), 'Content-Length: 1e1'],
  ],
  ['a folded header', [...usual, 'X-A: 1', ' 2']],
  ['a blank before the colon', [...usual, 'X-A : 1']],
  ['no blank after the colon', [...usual, 'X-A:1']],
  ['a blank at the end', [...usual, 'X-A: 1 ']],
  ['an empty value', [...usual, 'X-A: ']],
  ['a byte beyond ASCII', [...usual, 'X-A: \xe9']],
  ['an underscore in a name', [...usual, 'Content_Length: 1']],
  ['a bare line feed', [...usual, 'X-A: 1\nX-B: 2']],
  ['a bare carriage return', [...usual, 'X-A: 1\rX-B: 2']],
  ['too many headers', [...usual, ...Array.from({ length: 200 }, (_, n) => `X-${n}: 1`)]],
])('with %s it is left to Node', (_what, lines) => {
  expect(readPlainRequest(requestOf(lines))).toBeUndefined()
})

test('an incomplete or overlong head is left to Node', () => {
  const bytes = requestOf(usual)
  const bodyAt = bytes.length - BODY.length
  expect(readPlainRequest(bytes.subarray(0, bodyAt - 1))).toBeUndefined()
  expect(readPlainRequest(bytes.subarray(0, bodyAt))).toMatchObject({ end: bytes.length })
  const long = (length: number) => requestOf([...usual, `X-Long: ${'x'.repeat(length)}`])
  const room = 16_384 - bodyAt - 'X-Long: \r\n'.length
  expect(readPlainRequest(long(room))).toBeDefined()
  expect(readPlainRequest(long(room + 1))).toBeUndefined()
})

const pieces = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  ': ',
  ',',
  '\0',
  '\x7f',
  '\xff',
  '_',
  '%',
  '#',
  '?',
  '//',
  '0',
  '-1',
  '1',
  'e',
  'chunked',
  'Content-Length: 3',
  'Transfer-Encoding: chunked',
  'Host: b',
  'HTTP/1.1',
  'GET ',
  'POST /',
  'Connection: ',
  'close',
  'keep-alive',
  '\r\nX: y',
  '\r\n\r\n',
] as const

test('whatever is taken for plain, Node reads the same', { timeout: 30_000 }, async () => {
  const seed = pickSeed()
  const random = seededRandom(seed)
  let plain = 0
  for (let round = 0; round < 4_000; round++) {
    let text = requestOf(usual).toString('latin1')
    for (let changes = 1 + intBelow(random, 3); changes > 0; changes--) {
      const at = intBelow(random, text.length)
      text = text.slice(0, at) + pick(random, pieces) + text.slice(at + pick(random, [0, 0, 1, 2, 5]))
    }
    const bytes = Buffer.from(text, 'latin1')
    const request = readPlainRequest(bytes)
    if (request === undefined || bytes.length < request.end) continue
    plain++
    const { method, target, headers, bodyAt, end } = request
    const body = bytes.toString('latin1', bodyAt, end)
    const byNode = await readByNode(bytes.subarray(0, end))
    expect(byNode, `TEST_SEED=${seed}: ${JSON.stringify(text)}`).toEqual({
      method,
      target,
      httpVersion: '1.1',
      headers,
      body,
    })
  }
  expect(plain, `TEST_SEED=${seed}`).toBeGreaterThan(100)
})
