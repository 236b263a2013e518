import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { afterEach, expect, it } from 'vitest'

import type { PlainConnection } from '../../../src/ingress/plain/plain-connection.ts'
import type { Admitted, Answerer, Receiver } from '../../../src/ingress/receiver.ts'
import { createPublicServer, type TlsFiles } from '../../../src/ingress/server.ts'
import { serverCertificate } from '../../support/certificates.ts'
import { waitFor } from '../../support/wait-for.ts'

// What connections do to the port itself, whatever becomes of callbacks. A port that is one of a thousand has room for
// five connections.

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Port {
  readonly processes?: number
  /** What every request is answered. */
  readonly answer?: string
  readonly tls?: TlsFiles
}

/** A port without routes, but for plain requests of `/plain`: all others end in Node's HTTP server. */
async function start({ processes = 1, answer = 'nothing here', tls }: Port = {}) {
  const refused: number[] = []
  const state = { taken: [] as Answerer[], abandoned: 0 }
  const receiver: Receiver = {
    admit: (request) =>
      request.target === '/plain' ? ({ request } as Partial<Admitted> as Admitted) : undefined,
    take: (_admitted, _body, from) => state.taken.push(from),
    abandon: () => state.abandoned++,
    receive: () => false,
    refuseUnknown: (_request, response) => response.writeHead(404).end(answer),
    refuseExpectation: (_request, response) => response.writeHead(417).end(),
    refuseAhead: (_request, response) => response.writeHead(503).end(),
    refuseMalformed: (_peer, status) => refused.push(status),
    drain: () => undefined,
    idle: () => Promise.resolve(),
  }
  const server = createPublicServer(receiver, { processes, tls })
  const port = Number((await server.listen({ host: '127.0.0.1', port: 0 })).split(':')[1])
  closers.push(() => server.close(0))
  return { port, refused, state }
}

const get = (name: string): string => `GET /${name} HTTP/1.1\r\nHost: localhost\r\n`

async function open(port: number, sends = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  closers.push(() => socket.destroy())
  await once(socket, 'connect')
  if (sends !== '') socket.write(sends)
  return socket
}

it('outlives connections that are gone before they can be told that there is no room', async () => {
  const { port, refused } = await start({ processes: 1000 })
  for (let i = 0; i < 5; i++) await open(port)
  for (let i = 0; i < 30; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.once('connect', () => socket.resetAndDestroy())
  }
  await waitFor('those that were told', () => refused.length > 0)
  const late = await open(port)
  const [answer] = (await once(late, 'data')) as [Buffer]
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 503 /)
})

it('reads no further where answers are not read, and goes on when they are', async () => {
  const { port } = await start({ answer: 'x'.repeat(1_000_000) })
  const client = await open(port)
  client.pause()
  client.write(`${get('padded')}X-Padding: ${'x'.repeat(800)}\r\n\r\n`.repeat(8))
  await new Promise((resolve) => setTimeout(resolve, 300))

  let bytes = 0
  client.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume()
  expect(await waitFor('all answers', () => bytes > 8_000_000)).toBe(true)
})

it('tells a request that is late once, and ends it also where that is not read', async () => {
  const { port, refused, state } = await start()
  const client = await open(port)
  client.pause()
  const plain = 'POST /plain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n'
  const ask = async (): Promise<Socket> => {
    client.write(`${plain}body`)
    const from = (await waitFor('the request', () => state.taken.shift())) as PlainConnection
    from.answer({ status: 200, headers: [], body: Buffer.alloc(20_000) }, false)
    return from.socket
  }
  let socket = await ask()
  while (socket.writableLength === 0) socket = await ask()
  expect(socket.writableNeedDrain).toBe(false)

  client.write(`${plain}ha`)
  await waitFor('the refusal', () => refused.length > 0)
  await waitFor('the end', () => socket.destroyed, 4_000)
  expect([refused, state.abandoned]).toEqual([[408], 1])
})

it('dates an answer that has no date, and leaves the one of an answer that has', async () => {
  const { port, state } = await start()
  const dates = async (headers: readonly string[]): Promise<readonly string[]> => {
    const client = await open(port, 'GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const from = await waitFor('the request', () => state.taken.shift())
    from.answer({ status: 200, headers, body: Buffer.alloc(0) }, false)
    const [answer] = (await once(client, 'data')) as [Buffer]
    return [...answer.toString('latin1').matchAll(/^date: (.*)\r$/gim)].map(([, date = '']) => date)
  }
  const theirs = 'Sun, 06 Nov 1994 08:49:37 GMT'
  expect(await dates(['X-Date', theirs, 'daTe', theirs])).toEqual([theirs])
  expect(await dates(['X-Date', theirs, 'Data', theirs])).toEqual([expect.stringMatching(/ 20\d\d /)])
})

it('frees the place of a connection whose handshake is never over', async () => {
  const { port } = await start({ tls: serverCertificate('good') })
  const silent = await open(port)
  silent.resume()
  expect(await waitFor('the end', () => silent.closed)).toBe(true)
})
