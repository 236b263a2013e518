import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { afterEach, expect, it } from 'vitest'

import type { Receiver } from '../../../src/ingress/receiver.ts'
import { createPublicServer } from '../../../src/ingress/server.ts'
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
}

/** A port without routes: what is plain and what is not both end in Node's HTTP server. */
async function start({ processes = 1, answer = 'nothing here' }: Port = {}) {
  const refused: number[] = []
  const receiver: Receiver = {
    admit: () => undefined,
    take: () => undefined,
    abandon: () => undefined,
    receive: () => false,
    refuseUnknown: (_request, response) => response.writeHead(404).end(answer),
    refuseExpectation: (_request, response) => response.writeHead(417).end(),
    refuseAhead: (_request, response) => response.writeHead(503).end(),
    refuseMalformed: (_peer, status) => refused.push(status),
    drain: () => undefined,
    idle: () => Promise.resolve(),
  }
  const server = createPublicServer(receiver, { processes })
  const port = Number((await server.listen({ host: '127.0.0.1', port: 0 })).split(':')[1])
  closers.push(() => server.close(0))
  return { port, refused }
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
  await waitFor('all answers', () => bytes > 8_000_000)
})
