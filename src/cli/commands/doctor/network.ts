import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as tcpConnect, createServer, isIP } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

import { messageOf } from '../../../errors.ts'
import type { Finding } from './finding.ts'
import { msText } from '../../words.ts'

const TIMEOUT_MS = 5000
const SLOW_CONNECT_MS = 500
const SOON_DAYS = 14
const DAY_MS = 86_400_000

/** Can a server be reached: its name, its port, its certificate? No request is sent. */
export async function checkTarget(name: string, url: URL, nowMs: number): Promise<Finding> {
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
    if (daysLeft < SOON_DAYS) return { name, state: 'doubtful', detail, remedy: 'Renew its certificate.' }
    if (ms > SLOW_CONNECT_MS)
      return { name, state: 'doubtful', detail, remedy: 'Bring Ringback nearer to it.' }
    return { name, state: 'good', detail, remedy: '' }
  } catch (error) {
    return { name, state: 'bad', detail: `${url.origin}: ${reasonOf(error)}`, remedy: remedyFor(error, host) }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return `no answer within ${TIMEOUT_MS / 1000} s`
  return messageOf(error)
}

/** By code of the system (errno) and of OpenSSL (https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error). */
const remedies: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `Correct the name, or its DNS entry: getent hosts ${host}`,
  EAI_AGAIN: () => 'The DNS of this machine does not answer: look at /etc/resolv.conf.',
  ECONNREFUSED: () => 'Nothing listens there: start it, or correct host and port.',
  ECONNRESET: () => 'It hangs up at once: is something else listening on this port?',
  EHOSTUNREACH: () => 'There is no way to it from here: look at routes and firewalls.',
  ENETUNREACH: () => 'There is no way to it from here: look at routes and firewalls.',
  CERT_HAS_EXPIRED: (host) => `Renew the certificate of ${host}.`,
  CERT_NOT_YET_VALID: () => 'Look at the clocks of both machines, and at the certificate.',
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `Use a name that the certificate is for, or get one for ${host}.`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    'Use a certificate of a known authority, or let Node know this one: NODE_EXTRA_CA_CERTS=FILE.',
}
const OTHER_CERTIFICATE =
  'Let it send its whole chain, or let Node know its authority: NODE_EXTRA_CA_CERTS=FILE.'
const OTHER = 'Look at it from this machine: curl -v. Nothing reaches it until then.'

function remedyFor(error: unknown, host: string): string {
  if (!(error instanceof Error)) return OTHER
  if (error.name === 'AbortError')
    return 'It, or a firewall before it, does not answer: correct host and port.'
  const code = 'code' in error ? String(error.code) : ''
  const remedy = remedies[code]
  if (remedy !== undefined) return remedy(host)
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return OTHER_CERTIFICATE
  return /SSL|EPROTO/.test(code) ? 'It speaks no TLS there: use http, or the port where it does.' : OTHER
}

async function tcpOpen(host: string, port: number): Promise<undefined> {
  using socket = disposable(tcpConnect({ host, port }))
  await once(socket.value, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) })
}

/** When the certificate ends, milliseconds since the epoch. Rejects when it is not valid for the name. */
async function tlsEnd(host: string, port: number, servername: string): Promise<number> {
  using socket = disposable(tlsConnect({ host, port, ...(isIP(servername) === 0 && { servername }) }))
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
