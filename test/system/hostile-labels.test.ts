import { once } from 'node:events'
import { connect } from 'node:net'

import { expect, it } from 'vitest'

import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const COUNT = 10_000
const CONNECTIONS = 8

function configText(handler: string): string {
  return `
listen: 127.0.0.1:0
public_url: https://callbacks.example.com
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay, max_in_flight: 5000 }
ledger: { durability: background }
breaker: { after_failures: 1000 }
routes:
  - { id: calls, path: /calls/, target: '${handler}', signature: 'off' }
`
}

async function seriesOf(ringback: RunningRingback): Promise<Set<string>> {
  const text = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' '))))
}

/** A request whose event, call id, path, host and status (which the handler echoes) were never seen before. */
function hostileRequest(n: number): string {
  const body = JSON.stringify({ event: `evil"}\\n${n}`, call_id: `call-${n}`, status: `status-${n}` })
  const isStray = n % 4 === 0
  const path = isStray ? `/${n}/.env` : `/calls/${n}/a"b`.replace('"', '%22')
  const host = n % 3 === 0 ? `host-${n}.example.com` : 'callbacks.example.com'
  return (
    `POST ${path}?n=${n} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `X-Status: ${200 + (n % 400)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

/** Sends requests on one connection, a few ahead of the answers. */
async function sendAll(port: number, requests: readonly string[]): Promise<void> {
  const AHEAD = 8
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  await once(socket, 'connect')
  let answered = 0
  let sent = 0
  const sendMore = (): void => {
    while (sent < requests.length && sent < answered + AHEAD) socket.write(requests[sent++] ?? '')
  }
  const done = new Promise<void>((resolve, reject) => {
    socket.on('data', (piece: string | Buffer) => {
      answered += String(piece).split('HTTP/1.1 ').length - 1
      if (answered === requests.length) resolve()
      else sendMore()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${answered} answers`)))
  })
  sendMore()
  await done
  socket.destroy()
}

it(
  '10,000 callbacks with names, ids, paths, hosts and statuses of their own add at most 60 series',
  { timeout: 90_000 },
  async () => {
    await using handler = await startTarget((request) => ({ status: Number(request.header('x-status')) }))
    await using ringback = await startRingback(configText(handler.url))
    const before = await seriesOf(ringback)
    const requests = Array.from({ length: COUNT }, (_, n) => hostileRequest(n))
    const share = COUNT / CONNECTIONS
    await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, n) =>
        sendAll(ringback.publicPort, requests.slice(n * share, (n + 1) * share)),
      ),
    )
    const added = await waitFor('every callback in the metrics', async () => {
      const text = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
      const counts = [...text.matchAll(/^ringback_callbacks_received_total\{.*\} (\d+)$/gm)]
      const received = counts.reduce((sum, [, count]) => sum + Number(count), 0)
      return received === COUNT && (await seriesOf(ringback)).difference(before)
    })
    expect([...added].filter((series) => /evil|call-\d|\.env|host-\d/.test(series))).toEqual([])
    expect(added.size).toBeLessThanOrEqual(60)
  },
)
