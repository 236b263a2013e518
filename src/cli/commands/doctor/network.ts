import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as tcpConnect, createServer } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

import type { Finding } from './finding.ts'
import { msText } from '../../words.ts'

const TIMEOUT_MS = 5000
const SLOW_CONNECT_MS = 500
const SOON_DAYS = 14
const DAY_MS = 86_400_000

/** Can a handler be reached: its name, its port, its certificate? No request is sent. */
export async function checkTarget(url: URL, nowMs: number): Promise<Finding> {
  const name = 'handler'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const startedAt = performance.now()
  try {
    const { address } = await lookup(host)
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    const validTo =
      url.protocol === 'https:' ? await tlsEnd(address, port, host) : await tcpOpen(address, port)
    const ms = performance.now() - startedAt
    const daysLeft = validTo === undefined ? Number.POSITIVE_INFINITY : (validTo - nowMs) / DAY_MS
    const certificate = validTo === undefined ? '' : `, certificate valid for ${Math.floor(daysLeft)} days`
    const detail = `${url.origin} answers in ${msText(ms)}${certificate}`
    if (daysLeft < SOON_DAYS) return { name, state: 'doubtful', detail, remedy: 'Renew the certificate.' }
    if (ms > SLOW_CONNECT_MS)
      return { name, state: 'doubtful', detail, remedy: 'Bring Ringback nearer to its handlers.' }
    return { name, state: 'good', detail, remedy: '' }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      name,
      state: 'bad',
      detail: `${url.origin}: ${why}`,
      remedy: 'Callbacks to this handler fail now.',
    }
  }
}

async function tcpOpen(host: string, port: number): Promise<undefined> {
  using socket = disposable(tcpConnect({ host, port }))
  await once(socket.value, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) })
}

/** When the certificate ends, milliseconds since the epoch. Rejects when it is not valid for the name. */
async function tlsEnd(host: string, port: number, servername: string): Promise<number> {
  using socket = disposable(tlsConnect({ host, port, servername }))
  await once(socket.value, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return Date.parse(socket.value.getPeerCertificate().valid_to)
}

function disposable<Socket extends { destroy(): unknown }>(
  value: Socket,
): Disposable & { readonly value: Socket } {
  return { value, [Symbol.dispose]: () => void value.destroy() }
}

/** Could a server listen there now? */
export async function isPortFree(listen: string): Promise<boolean> {
  const at = listen.lastIndexOf(':')
  const host = listen.slice(0, at).replace(/^\[|\]$/g, '')
  const server = createServer()
  try {
    server.listen({ host, port: Number(listen.slice(at + 1)) })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
