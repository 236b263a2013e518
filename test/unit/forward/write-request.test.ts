import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

import { expect, test } from 'vitest'

import { writeRequest } from '../../../src/forward/wire/write-request.ts'

const BODY_BYTES = 60_000

/** A server that reads nothing before it is asked to, and one connection to it. */
async function silentPeer(): Promise<{ socket: Socket; read: (bytes: number) => Promise<string> }> {
  const server = createServer({ pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const socket = connect({ host: '127.0.0.1', port: typeof address === 'object' ? address!.port : 0 })
  const [[other]] = await Promise.all([accepted, once(socket, 'connect')])
  server.close()
  return {
    socket,
    async read(bytes) {
      let text = ''
      for await (const chunk of other.setEncoding('latin1'))
        if ((text += String(chunk)).length >= bytes) break
      socket.destroy()
      return text
    },
  }
}

function requestOf(letter: string): Parameters<typeof writeRequest>[1] {
  return { method: 'POST', path: '/', host: 'h', lines: '', body: Buffer.alloc(BODY_BYTES, letter) }
}

test('what a handler has not read yet is not touched by the requests to others', async () => {
  const slow = await silentPeer()
  const quick = await silentPeer()
  let letters = 0
  while (slow.socket.writableLength === 0) {
    writeRequest(slow.socket, requestOf(String.fromCharCode(65 + (letters++ % 26))))
    expect(letters, 'requests that the system takes from a socket nobody reads').toBeLessThan(1000)
  }
  writeRequest(quick.socket, requestOf('-'))

  const head = `POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`
  const all = await slow.read(letters * (head.length + BODY_BYTES))
  const bodies = all.split(head).slice(1)
  expect(bodies.map((body) => new Set(body))).toEqual(
    Array.from({ length: letters }, (_, i) => new Set(String.fromCharCode(65 + (i % 26)))),
  )
  expect(await quick.read(head.length + BODY_BYTES)).toBe(head + '-'.repeat(BODY_BYTES))
})
