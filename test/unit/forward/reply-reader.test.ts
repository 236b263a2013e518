import { get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LastHead } from '../../../src/forward/wire/last-head.ts'
import { ReplyReader } from '../../../src/forward/wire/reply-reader.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`

/** What a reader makes of a reply that comes in the given pieces, with the other side closing after it. */
function read(pieces: readonly string[], lastHead = new LastHead()): Read | string {
  const reader = new ReplyReader({ maxBodyBytes: 1000, lastHead })
  reader.start()
  for (const [index, piece] of pieces.entries()) {
    const memory = Buffer.from(piece, 'latin1')
    const state = reader.take(memory)
    memory.fill('!') // the bytes were only borrowed
    if (typeof state === 'object') return state.outcome
    if (state) return told(reader, reader.hasExcess || index < pieces.length - 1)
  }
  return reader.finish() ? told(reader, false) : 'cut'
}

interface Read {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
  /** May the connection be used again? */
  readonly isKept: boolean
  /** Bytes followed that belong to no request: the connection is closed, the reply stands. */
  readonly hasExcess: boolean
}

function told(reader: ReplyReader, hasExcess: boolean): Read {
  return {
    status: reader.head?.status ?? 0,
    headers: reader.head?.headers ?? [],
    body: reader.body.toString('latin1'),
    isKept: !hasExcess && reader.head?.keepAliveMs !== 0,
    hasExcess,
  }
}

const replies: readonly (readonly [string, string])[] = [
  ['a length', `${ok}Content-Type: a/b\r\nContent-Length: 5\r\n\r\nhello`],
  ['no body', 'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n'],
  ['chunks', `${chunked}5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n`],
  ['chunks and more', `${chunked}1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`],
  ['until the end', `${ok}X: y\r\n\r\nhello world`],
  ['two headers', `${ok}X: y\r\nContent-Length: 2\r\n\r\nok`],
  [
    'interim heads',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
  ],
  ['excess', `${ok}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n`],
  ['too large', `${ok}Content-Length: 1001\r\n\r\n`],
  ['bad chunks', `${chunked}5\r\nhelloX\r\n0\r\n\r\n`],
  ['a bare line feed', `${ok}A: b\nContent-Length: 2\r\n\r\nok`],
  ['cut chunks', `${chunked}5\r\nhel`],
]

describe('a reply', () => {
  test.each(replies)('with %s reads the same in one piece, byte by byte and cut anywhere', (_name, reply) => {
    const whole = read([reply])
    expect(read(Array.from(reply))).toEqual(whole)
    for (let cut = 1; cut < reply.length; cut++) {
      expect({ cut, read: read([reply.slice(0, cut), reply.slice(cut)]) }).toEqual({ cut, read: whole })
    }
  })

  test.each(replies)(
    'with %s reads the same whatever reply came before it, also the same',
    (_name, reply) => {
      const alone = read([reply])
      for (const [before, other] of [...replies, ['a longer head', `${ok}Content-Length: 55\r\n\r\n`]]) {
        const lastHead = new LastHead()
        read([other], lastHead)
        expect({ before, read: read([reply], lastHead) }).toEqual({ before, read: alone })
        expect({ before, again: read([reply], lastHead) }).toEqual({ before, again: alone })
        for (const cut of [1, ok.length, reply.indexOf('\r\n\r\n') + 2, reply.length - 1]) {
          const pieces = [reply.slice(0, cut), reply.slice(cut)]
          expect({ before, cut, read: read(pieces, lastHead) }).toEqual({ before, cut, read: alone })
        }
      }
    },
  )

  test.each<[string, string, unknown]>([
    ['whose connection closes', `${ok}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`, false],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['whose server is about to close', `${ok}Keep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n`, false],
    ['like any other', `${ok}Keep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n`, true],
  ])('%s: its connection is used again or not', (_name, reply, isKept) => {
    expect(read([reply])).toMatchObject({ status: 200, isKept })
  })
})

/** What Node's own client makes of a reply; undefined when it refuses it. */
async function readByNode(
  reply: string,
  port: number,
): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const request = get({
      port,
      host: '127.0.0.1',
      agent: false,
      headers: { 'x-reply': encodeURIComponent(reply) },
    })
    request.on('error', () => resolve(undefined))
    request.on('response', (response) => {
      let body = ''
      response.setEncoding('latin1')
      response.on('data', (piece: string) => (body += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', () => resolve(undefined))
    })
  })
}

function takeChunks(count: number): unknown {
  const reader = new ReplyReader({ maxBodyBytes: 1_000_000 })
  reader.start()
  const state = reader.take(Buffer.from(`${chunked}${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`))
  return typeof state === 'object' ? state : reader.body.length
}

test('a reply in far too many tiny chunks is refused, one in many is read', () => {
  expect(takeChunks(4000)).toBe(4000)
  expect(takeChunks(5000)).toEqual({ outcome: 'protocol', what: 'too many tiny chunks' })
})

test('no mutant of a reply that Node refuses is taken, and none is read differently', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => {
      const wanted = /x-reply: (.*)\r\n/i.exec(bytes.toString('latin1'))?.[1] ?? ''
      socket.end(Buffer.from(decodeURIComponent(wanted), 'latin1'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const alphabet = [
    '\r',
    '\n',
    '\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    '0',
    '5',
    'a',
    'Content-Length: 3\r\n',
    '\xff',
    ',',
  ]
  const mutation = fc.record({
    reply: fc.constantFrom(...replies.map(([, reply]) => reply)),
    at: fc.nat(80),
    cut: fc.nat(2),
    put: fc.constantFrom(...alphabet),
  })
  const property = fc.asyncProperty(mutation, async ({ reply, at, cut, put }) => {
    const mutant = reply.slice(0, at) + put + reply.slice(at + cut)
    const ours = read([mutant])
    if (typeof ours === 'string' || ours.hasExcess) return
    const theirs = await readByNode(mutant, port)
    expect({ mutant, ...theirs }).toEqual({ mutant, status: ours.status, body: ours.body })
  })
  try {
    await fc.assert(property, { numRuns: 400 })
  } finally {
    server.close()
  }
})
