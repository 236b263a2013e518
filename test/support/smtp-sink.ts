import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions } from 'smtp-server'

/**
 * How the sink treats mail from now on. `greylist` defers every recipient (451), `refuse` and `defer` one of them
 * (550, 451), `slow` greets late, `stall` takes a message and never says so.
 */
export type SmtpBehaviour =
  | 'accept'
  | 'greylist'
  | 'reject-login'
  | 'stall'
  | { readonly refuse: string }
  | { readonly defer: string }
  | { readonly slowMs: number }

export interface ReceivedMail extends ParsedMail {
  /** Recipients of the envelope. */
  readonly recipients: readonly string[]
  readonly raw: string
}

export interface SmtpSinkOptions {
  /** PEM key and certificate for STARTTLS; without them the sink offers none. */
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly user?: string
  readonly password?: string
}

/** A mail server on loopback that keeps what it accepts. */
export class SmtpSink implements AsyncDisposable {
  readonly messages: ReceivedMail[] = []
  #behaviour: SmtpBehaviour = 'accept'
  readonly #server: SMTPServer
  readonly #credentials: string

  private constructor({ tls, user = '', password = '' }: SmtpSinkOptions) {
    this.#credentials = user === '' ? '' : `${user}:${password}@`
    const options: SMTPServerOptions = {
      authOptional: user === '',
      allowInsecureAuth: true,
      disabledCommands: tls === undefined ? ['STARTTLS'] : [],
      ...tls,
      closeTimeout: 100,
      onConnect: (_session, done) => {
        const slowMs =
          typeof this.#behaviour === 'object' && 'slowMs' in this.#behaviour ? this.#behaviour.slowMs : 0
        setTimeout(done, slowMs)
      },
      onAuth: (auth, _session, done) => {
        const isRight = auth.username === user && auth.password === password
        if (isRight && this.#behaviour !== 'reject-login') return done(null, { user })
        return done(refusal(535, `no login for ${auth.username} with ${auth.password}`))
      },
      onRcptTo: ({ address }, _session, done) => {
        done(this.#recipientProblem(address))
      },
      onData: (stream, session, done) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address)
        void this.#receive(stream, recipients, done)
      },
    }
    this.#server = new SMTPServer(options)
    this.#server.on('error', () => undefined) // clients that break off are part of the tests
  }

  static async start(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options)
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server.server, 'listening')
    return sink
  }

  get url(): string {
    const { port } = this.#server.server.address() as AddressInfo
    return `smtp://${this.#credentials}127.0.0.1:${port}`
  }

  behave(behaviour: SmtpBehaviour): void {
    this.#behaviour = behaviour
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>()
    this.#server.close(() => closed.resolve())
    await closed.promise
  }

  #recipientProblem(address: string): Error | undefined {
    const behaviour = this.#behaviour
    if (behaviour === 'greylist') return refusal(451, 'try again later')
    if (typeof behaviour === 'string') return undefined
    if ('refuse' in behaviour && behaviour.refuse === address) return refusal(550, 'no such mailbox')
    if ('defer' in behaviour && behaviour.defer === address) return refusal(451, 'mailbox busy')
    return undefined
  }

  async #receive(
    stream: SMTPServerDataStream,
    recipients: readonly string[],
    done: () => void,
  ): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (this.#behaviour === 'stall') return
    const raw = Buffer.concat(chunks)
    const mail = await simpleParser(raw)
    this.messages.push(Object.assign(mail, { recipients, raw: raw.toString() }))
    done()
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
