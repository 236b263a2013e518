import type * as Nodemailer from 'nodemailer'

import { domainOf, isMailbox } from './email-address.ts'
import { errorCode } from './error-code.ts'
import { type Message, type Notifier, NotifyError } from '../notifier.ts'

export interface EmailOptions {
  /** `smtp://user:password@host:587` or `smtps://…`: a secret. */
  readonly smtpUrl: string
  readonly from: string
  readonly to: readonly string[]
  /** Refuse to send over an unencrypted connection. */
  readonly requireTls: boolean
  /** PEM text of the authority that signed the mail server's certificate; undefined trusts the usual ones. */
  readonly ca: string | undefined
  /** Gives the address to dial for a host name; rejects for one that must not be dialled. */
  readonly resolveHost: (hostname: string) => Promise<string>
  /** Longest time for connecting, for the greeting and between two answers. @default 10_000 */
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 10_000
/** A server that answers each command just in time must not hold a message for ever. */
const WHOLE_MESSAGE_TIMES = 4
/** Messages whose remaining recipients are remembered. */
const REMEMBERED = 200

/** An e-mail channel. Throws a NotifyError at once when an address or the URL cannot be used. */
export function createEmail(options: EmailOptions): Notifier {
  const server = readServer(options.smtpUrl)
  for (const address of [options.from, ...options.to]) {
    if (!isMailbox(address)) throw refusal('an address of the e-mail channel is not a plain mailbox')
  }
  // Loaded for who sends mail alone, and before there is any: it takes longer than a message.
  const library = import('nodemailer')
  library.catch(() => undefined) // whoever sends hears of it
  /** By message: who has not got it yet, after a server took it for some recipients only. */
  const remaining = new Map<string, readonly string[]>()

  async function send(message: Message, signal: AbortSignal): Promise<string> {
    const to = remaining.get(message.id) ?? options.to
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs * WHOLE_MESSAGE_TIMES)])
    let info: Nodemailer.SMTPSentMessageInfo
    try {
      const host = await options.resolveHost(server.hostname)
      const transport = createTransport(await library, { ...server, host, timeoutMs }, options)
      info = await transport.sendMail({ ...mailOf(message, options.from), to: [...to], signal: limit })
    } catch (error) {
      throw failureOf(error, limit)
    }
    remaining.delete(message.id)
    if (info.rejected.length === 0) return ''
    const deferred = info.rejectedErrors?.flatMap(deferredRecipient) ?? []
    const note = `${info.rejected.length} of ${to.length} recipients were refused`
    if (deferred.length === 0) return note
    if (remaining.size >= REMEMBERED) remaining.clear()
    remaining.set(message.id, deferred)
    throw new NotifyError(`${note} for now`, { isPermanent: false })
  }

  return { channel: 'email', isForPeople: true, send, close: () => Promise.resolve() }
}

interface Server {
  readonly hostname: string
  readonly port: number
  readonly isTls: boolean
  readonly user: string
  readonly password: string
}

function readServer(smtpUrl: string): Server {
  const url = URL.parse(smtpUrl)
  const isTls = url?.protocol === 'smtps:'
  if (url === null || url.hostname === '' || (!isTls && url.protocol !== 'smtp:')) {
    throw refusal('smtp_url is not of the form smtp://user:password@host:port')
  }
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 465 : 587) : Number(url.port),
    isTls,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
}

function createTransport(
  { default: nodemailer }: typeof Nodemailer,
  { hostname, host, port, isTls, user, password, timeoutMs }: Server & { host: string; timeoutMs: number },
  { requireTls, ca }: EmailOptions,
) {
  return nodemailer.createTransport({
    host, // the address that was checked; the certificate is still that of the name
    servername: hostname,
    port,
    secure: isTls,
    requireTLS: requireTls && !isTls,
    ...(user !== '' && { auth: { user, pass: password } }),
    tls: { servername: hostname, ...(ca !== undefined && { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/**
 * All messages of an incident refer to the id of its first one, so that mail programs show them as one thread
 * (RFC 5322 §3.6.4). A repeated try has the same id, which lets servers drop the double.
 */
function mailOf(message: Message, from: string) {
  const domain = domainOf(from)
  const root = message.incidentId === '' ? undefined : `<${message.incidentId}@${domain}>`
  const isRoot = root !== undefined && message.kind === 'firing'
  return {
    from,
    subject: message.subject,
    text: message.text,
    html: message.html,
    messageId: isRoot ? root : `<${message.id}@${domain}>`,
    ...(root !== undefined && !isRoot && { inReplyTo: root, references: [root] }),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834: keeps out-of-office replies away
      'X-Auto-Response-Suppress': 'All',
      'X-Ringback-Kind': message.kind,
      ...(root !== undefined && { 'X-Ringback-Incident': message.incidentId }),
    },
  }
}

function deferredRecipient({ permanent, recipient }: Nodemailer.NodemailerError): string[] {
  return permanent === true || recipient === undefined ? [] : [recipient]
}

/** The server's own words are left out: they may repeat what was sent to it. */
function failureOf(error: unknown, limit: AbortSignal): NotifyError {
  if (!(error instanceof Error)) return refusal('the mail could not be sent')
  const { responseCode, permanent } = error as Nodemailer.NodemailerError
  const code = errorCode(error)
  const words = limit.aborted
    ? 'the mail server was too slow'
    : (wordsOf[code] ?? 'the mail could not be sent')
  const detail = responseCode === undefined ? code : String(responseCode)
  const shown = detail === '' ? '' : ` (${detail})`
  return new NotifyError(words + shown, { isPermanent: permanent === true || hopeless.has(code) })
}

const hopeless: ReadonlySet<string> = new Set(['ECONFIG', 'ENOAUTH'])

const wordsOf: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server refused the login',
  ECONNECTION: 'the mail server cannot be reached',
  ECONNREFUSED: 'the mail server cannot be reached',
  EDNS: 'the name of the mail server cannot be resolved',
  EENVELOPE: 'the mail server refused the sender or every recipient',
  EMESSAGE: 'the mail server refused the message',
  blocked_target: 'the address of the mail server is private and not in allow_targets',
  dns: 'the name of the mail server cannot be resolved',
  ENOAUTH: 'the mail server wants a login',
  ESOCKET: 'the connection to the mail server broke',
  ETIMEDOUT: 'the mail server was too slow',
  ETLS: 'no trustworthy encrypted connection to the mail server',
}

function refusal(words: string): NotifyError {
  return new NotifyError(words, { isPermanent: true })
}
