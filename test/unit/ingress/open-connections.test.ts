import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

import { afterEach, expect, it } from 'vitest'

import { OpenConnections } from '../../../src/ingress/open-connections.ts'
import { waitFor } from '../../support/wait-for.ts'

const YOUNG_MS = 100
const REQUEST = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'
const HALF = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'
const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A port with room for three, whose answers wait until they are let go. */
async function start() {
  const held: (() => void)[] = []
  const at = new Map<Socket, number>()
  const server = createServer((request, response) => {
    const tell = (): unknown => at.set(request.socket, performance.now())
    tell()
    response.on('close', tell)
    held.push(() => response.end('ok'))
  })
  const connections = new OpenConnections(server, {
    event: 'connection',
    most: 3,
    take: () => undefined,
    useOf(socket: Socket & { _httpMessage?: { req: IncomingMessage } | null }) {
      const request = socket._httpMessage?.req
      const since = at.get(socket)
      if (request === undefined)
        return since === undefined ? { kind: 'silent', since: 0 } : { kind: 'idle', since }
      return request.complete ? 'in_use' : { kind: 'arriving', since: since ?? 0 }
    },
    end: (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'),
    refuse: (socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'),
    youngMs: YOUNG_MS,
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { connections, held, open: (send = '') => Client.open(port, send) }
}

class Client {
  text = ''
  isClosed = false
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('utf8').on('data', (text: string) => (this.text += text))
    socket.on('close', () => (this.isClosed = true))
    socket.on('error', () => undefined)
    closers.push(() => socket.destroy())
  }

  static async open(port: number, send: string): Promise<Client> {
    const client = new Client(connect(port, '127.0.0.1'))
    await once(client.socket, 'connect')
    client.socket.write(send)
    return client
  }
}

async function grownUp(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, YOUNG_MS + 50))
}

it('makes room for a new connection by ending the oldest one that never sent anything', async () => {
  const { open, held } = await start()
  const kept = await open(REQUEST)
  await waitFor('the request', () => held.length === 1)
  held.shift()?.()
  await waitFor('the answer', () => kept.text.includes('ok'))
  const silent = [await open(), await open()]
  await grownUp()
  const late = await open(REQUEST)
  await waitFor('the request of the late one', () => held.length === 1)
  held.shift()?.()
  await waitFor('its answer', () => late.text.includes('ok'))
  await waitFor('the end of a silent one', () => silent[0]?.isClosed)
  expect([kept.isClosed, silent[1]?.isClosed]).toEqual([false, false])
})

it('leaves a connection alone that was used a moment ago, and tells the new one instead', async () => {
  const { open, held } = await start()
  const used = await open()
  await grownUp()
  used.socket.write(REQUEST)
  await waitFor('the request', () => held.length === 1)
  held.shift()?.()
  await waitFor('the answer', () => used.text.includes('ok'))
  await open()
  await open()
  const refused = await open()
  await waitFor('the end', () => refused.isClosed)
  expect([refused.text.includes('503'), used.isClosed]).toEqual([true, false])
})

it('ends idle connections where none is silent, and never one with a request under way', async () => {
  const { open, held } = await start()
  const busy = [await open(REQUEST), await open(REQUEST)]
  await waitFor('the requests', () => held.length === 2)
  const idle = await open(REQUEST)
  await waitFor('the third request', () => held.length === 3)
  held.pop()?.()
  await waitFor('the answer', () => idle.text.includes('ok'))
  await grownUp()
  await open()
  await waitFor('the end of the idle one', () => idle.isClosed)
  expect(busy.map(({ isClosed }) => isClosed)).toEqual([false, false])
})

it('ends the oldest request that does not get on, where all others are in use', async () => {
  const { open, held } = await start()
  const busy = await open(REQUEST)
  const slow = [await open(HALF), await open(HALF)]
  await waitFor('the requests', () => held.length === 3)
  await grownUp()
  await open(REQUEST)
  await waitFor('the fourth request', () => held.length === 4)
  await waitFor('the end of a slow one', () => slow[0]?.isClosed)
  expect(slow[0]?.text).toContain('408')
  expect([busy.isClosed, slow[1]?.isClosed]).toEqual([false, false])
})

it('tells a connection for which there is no room, and ends it', async () => {
  const { open, held } = await start()
  await Promise.all([open(REQUEST), open(REQUEST), open(REQUEST)])
  await waitFor('the requests', () => held.length === 3)
  await grownUp()
  const refused = await open()
  await waitFor('the end', () => refused.isClosed)
  expect(refused.text).toContain('503')
})

it('knows when the young connections are gone, and waits for none that has grown up', async () => {
  const { connections, open } = await start()
  await open()
  await grownUp()
  const startedAt = performance.now()
  await connections.youngGone()
  expect(performance.now() - startedAt).toBeLessThan(YOUNG_MS / 2)
  await connections.gone(YOUNG_MS)
  expect(performance.now() - startedAt).toBeGreaterThan(YOUNG_MS * 0.9)
})
