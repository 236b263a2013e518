import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'

import type { Clock } from '../clock.ts'
import type { AddressPolicy } from './address.ts'
import { connectFailure, type Failure, tlsFailure } from './failure.ts'
import type { Resolver } from './resolve.ts'

export interface DialParts {
  readonly clock: Clock
  readonly resolver: Resolver
  readonly policy: AddressPolicy
  /** Whom to trust; the authorities that Node brings when left out. */
  readonly secureContext?: SecureContext | undefined
}

export interface Destination {
  readonly hostname: string
  readonly port: number
  readonly isSecure: boolean
}

/** A standing connection, and what making it took (milliseconds; NaN where it did not happen). */
export interface Connection {
  readonly socket: Socket
  /** The other side in words, such as `api.example.com (192.0.2.1:443)`. */
  readonly peer: string
  readonly dnsMs: number
  readonly connectMs: number
  readonly tlsMs: number
  /** When the certificate that the other side showed expires, milliseconds since the epoch; undefined without TLS. */
  readonly certificateExpiresAt: number | undefined
}

/** One call. */
export interface DialOptions {
  readonly timeoutMs: number
  /** Told exactly once how it went. */
  readonly done: (failure: Failure | undefined, connection: Connection | undefined) => void
  /**
   * Told of all bytes that come over the connection, in memory that is used again after the call. Left out, the socket
   * is read as a stream.
   */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined
}

/** Where plain connections read into: libuv fills it and calls back in one go, so one piece serves them all. */
const incoming = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * Connects to a checked address: every address of the name must pass the policy, and the one that was checked
 * is the one that is dialled. The certificate is checked against the name.
 */
export function dial(parts: DialParts, to: Destination, options: DialOptions): void {
  new Dial(parts, to, options).start()
}

class Dial {
  readonly #parts: DialParts
  readonly #to: Destination
  readonly #timeoutMs: number
  readonly #options: DialOptions
  readonly #startedAt: number
  readonly #timer: NodeJS.Timeout
  /** Cuts short the try of one address when others are left. */
  #sliceTimer: NodeJS.Timeout | undefined
  #addresses: readonly string[] = []
  #tried = 0
  #socket: Socket | undefined
  #peer: string
  #phase: 'dns' | 'tcp' | 'tls' | 'over' = 'dns'
  #dnsMs = NaN
  #connectMs = NaN

  constructor(parts: DialParts, to: Destination, options: DialOptions) {
    const { timeoutMs } = options
    this.#parts = parts
    this.#to = to
    this.#timeoutMs = timeoutMs
    this.#options = options
    this.#peer = to.hostname
    this.#startedAt = parts.clock.mono()
    this.#timer = setTimeout(() => this.#onTimeout(), timeoutMs)
  }

  start(): void {
    const addresses = this.#parts.resolver.addresses(this.#to.hostname)
    if (!(addresses instanceof Promise)) {
      this.#onAddresses(addresses)
      return
    }
    addresses.then(
      (found) => {
        this.#dnsMs = this.#parts.clock.mono() - this.#startedAt
        this.#onAddresses(found)
      },
      (error: unknown) =>
        this.#fail({
          outcome: 'dns',
          error: error instanceof Error ? error.message : 'the name was not resolved',
        }),
    )
  }

  #onAddresses(addresses: readonly string[]): void {
    if (this.#phase === 'over') return
    for (const address of addresses) {
      const refusal = this.#parts.policy.refusal(address)
      if (refusal !== undefined) {
        this.#fail({
          outcome: 'blocked_target',
          error: this.#to.hostname === address ? refusal : `${this.#to.hostname}: ${refusal}`,
        })
        return
      }
    }
    this.#addresses = addresses
    this.#connect()
  }

  #connect(): void {
    const address = this.#addresses[this.#tried++] ?? ''
    const { hostname, port } = this.#to
    const place = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
    this.#peer = hostname === address ? place : `${hostname} (${place})`
    this.#phase = 'tcp'
    const startedAt = this.#parts.clock.mono()
    const { onBytes } = this.#options
    const onread =
      onBytes === undefined || this.#to.isSecure
        ? undefined
        : { buffer: incoming, callback: readerOf(onBytes) }
    const socket = connectTcp({ host: address, port, noDelay: true, ...(onread && { onread }) })
    this.#socket = socket
    socket.once('connect', () => {
      this.#connectMs = this.#parts.clock.mono() - startedAt
      clearTimeout(this.#sliceTimer)
      if (this.#to.isSecure) this.#secure(socket)
      else this.#succeed(socket, NaN, undefined)
    })
    socket.on('error', (error) => {
      if (this.#phase === 'tcp' && this.#socket === socket) this.#nextOr(connectFailure(error, this.#peer))
    })
    const left = this.#addresses.length - this.#tried
    if (left > 0) {
      const restMs = this.#timeoutMs - (startedAt - this.#startedAt)
      this.#sliceTimer = setTimeout(() => this.#nextOr(this.#noConnection()), restMs / (left + 1))
    }
  }

  #nextOr(failure: Failure): void {
    clearTimeout(this.#sliceTimer)
    if (this.#tried >= this.#addresses.length) {
      this.#fail(failure)
      return
    }
    this.#socket?.destroy()
    this.#connect()
  }

  #secure(tcp: Socket): void {
    this.#phase = 'tls'
    const { hostname } = this.#to
    const startedAt = this.#parts.clock.mono()
    const socket = connectTls({
      socket: tcp,
      host: hostname,
      servername: isIP(hostname) === 0 ? hostname : '',
      ALPNProtocols: ['http/1.1'],
      secureContext: this.#parts.secureContext,
    })
    this.#socket = socket
    if (this.#options.onBytes !== undefined) socket.on('data', this.#options.onBytes)
    socket.once('secureConnect', () =>
      this.#succeed(socket, this.#parts.clock.mono() - startedAt, expiryOf(socket)),
    )
    socket.on('error', (error) => {
      if (this.#phase === 'tls') this.#fail(tlsFailure(error, this.#peer))
    })
  }

  #succeed(socket: Socket, tlsMs: number, certificateExpiresAt: number | undefined): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    clearTimeout(this.#timer)
    const { dnsMs, connectMs } = { dnsMs: this.#dnsMs, connectMs: this.#connectMs }
    this.#options.done(undefined, { socket, peer: this.#peer, dnsMs, connectMs, tlsMs, certificateExpiresAt })
  }

  #fail(failure: Failure): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    clearTimeout(this.#timer)
    clearTimeout(this.#sliceTimer)
    this.#socket?.destroy()
    this.#options.done(failure, undefined)
  }

  #onTimeout(): void {
    if (this.#phase === 'dns') {
      this.#fail({
        outcome: 'dns',
        error: `${this.#to.hostname} was not resolved within ${Math.round(this.#timeoutMs)} ms`,
      })
    } else this.#fail(this.#noConnection())
  }

  #noConnection(): Failure {
    const what = this.#phase === 'tls' ? 'TLS handshake with' : 'connection to'
    return {
      outcome: 'timeout_connect',
      error: `no ${what} ${this.#peer} within ${Math.round(this.#timeoutMs)} ms`,
    }
  }
}

function readerOf(onBytes: (bytes: Buffer) => void): (length: number) => boolean {
  return (length) => {
    onBytes(incoming.subarray(0, length))
    return true
  }
}

function expiryOf(socket: TLSSocket): number | undefined {
  return socket.getPeerX509Certificate()?.validToDate.getTime()
}
