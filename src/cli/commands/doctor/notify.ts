import { once } from 'node:events'
import { connect as tcpConnect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

import type { Config } from '../../../config/schema.ts'
import { messageOf } from '../../../errors.ts'
import { msText } from '../../words.ts'
import type { Finding } from './finding.ts'
import { checkTarget } from './network.ts'

const TIMEOUT_MS = 5000
const MAIL_PORT = 587
const MAILS_PORT = 465

/** Can the places that people are told by be reached? Nothing is sent; `ringback alerts test` does that. */
export async function* checkNotify(notify: Config['notify'], nowMs: number): AsyncGenerator<Finding> {
  const { slack, email, webhook, pagerduty, alertmanager } = notify
  const urls = [
    ['slack', slack?.webhook_url.reveal()],
    ['webhook', webhook?.url.reveal()],
    ['pagerduty', pagerduty?.url],
    ...(alertmanager?.urls.map((url) => ['alertmanager', url] as const) ?? []),
  ] as const
  for (const [name, url] of urls) {
    // The path of such a URL is a secret: only its origin is dialled and shown.
    if (url !== undefined) yield await checkTarget(name, new URL(new URL(url).origin), nowMs)
  }
  if (email !== undefined) yield await checkMail(new URL(email.smtp_url.reveal()))
  if ([...urls.map(([, url]) => url), email].every((each) => each === undefined)) {
    const detail = 'no channel is configured, so nobody is told when callbacks break'
    yield { name: 'notify', state: 'doubtful', detail, remedy: 'Add notify.slack or notify.email.' }
  }
}

/** Connects, waits for the greeting of the server and takes leave. */
async function checkMail(url: URL): Promise<Finding> {
  const isTls = url.protocol === 'smtps:'
  const port = Number(url.port) || (isTls ? MAILS_PORT : MAIL_PORT)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const place = `${host}:${port}`
  const startedAt = performance.now()
  const socket = isTls ? tlsConnect({ host, port, servername: host }) : tcpConnect({ host, port })
  try {
    const greeting = await greetingOf(socket)
    const ms = performance.now() - startedAt
    if (/^220[ -]/.test(greeting)) {
      return { name: 'email', state: 'good', detail: `${place} greets in ${msText(ms)}`, remedy: '' }
    }
    const detail = `${place} does not greet as a mail server: ${greeting.slice(0, 100)}`
    return { name: 'email', state: 'bad', detail, remedy: 'Check host and port of notify.email.smtp_url.' }
  } catch (error) {
    const why = messageOf(error)
    return {
      name: 'email',
      state: 'bad',
      detail: `${place}: ${why}`,
      remedy: 'Mails cannot be sent now; check notify.email.smtp_url, and whether a firewall is between.',
    }
  } finally {
    socket.end('QUIT\r\n')
    socket.destroySoon()
  }
}

async function greetingOf(socket: Socket): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const [first] = (await once(socket, 'data', { signal })) as [Buffer]
  return first.toString('latin1').split('\r\n', 1)[0] ?? ''
}
