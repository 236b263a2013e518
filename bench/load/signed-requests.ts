import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

const BODY_BYTES = 800
const SIGNATURE_CHARS = 64
const DIGITS = 12
/** Digits of the application id in the body, which decides the route. */
const ROUTE_DIGITS = 4

/**
 * An endless row of distinct callbacks of one fixed size, each with its own valid signature.
 *
 * Only the signatures are kept (64 bytes a request); the rest is a template in which the call id's digits count
 * up, so hundreds of thousands of requests can be signed ahead without filling the memory.
 */
export class SignedRequests {
  readonly length: number
  signedLate = 0
  readonly #key: KeyObject
  readonly #template: Buffer
  readonly #bodyAt: number
  readonly #digitsAt: number
  readonly #signatureAt: number
  readonly #timestampAt: number
  #signatures = Buffer.alloc(0)
  #taken = 0
  #prepared = 0
  #serial = 0
  #routes = 1
  readonly #routeAt: number
  #timestamp = '0000000000'

  constructor(secret: string, path: string) {
    this.#key = createSecretKey(secret, 'utf8')
    const body = templateBody()
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      'User-Agent: Vobiz-Webhook/1.0',
      'Accept: */*',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `x-vobiz-signature: ${'f'.repeat(SIGNATURE_CHARS)}`,
      `x-vobiz-timestamp: ${this.#timestamp}`,
    ].join('\r\n')
    this.#template = Buffer.from(`${head}\r\n\r\n${body}`, 'latin1')
    this.length = this.#template.length
    this.#bodyAt = this.length - body.length
    this.#digitsAt = this.#template.indexOf('0'.repeat(DIGITS), this.#bodyAt)
    this.#routeAt = this.#template.indexOf('app-', this.#bodyAt) + 'app-'.length
    this.#signatureAt = this.#template.indexOf('f'.repeat(SIGNATURE_CHARS))
    this.#timestampAt = this.#template.indexOf(this.#timestamp)
  }

  /**
   * Signs `count` requests with the time of now, going round `routes` routes; what is left of an earlier preparation
   * is dropped.
   */
  prepare(count: number, routes: number): void {
    this.#routes = routes
    this.#timestamp = String(Math.floor(Date.now() / 1000))
    this.#template.write(this.#timestamp, this.#timestampAt, 'latin1')
    if (this.#signatures.length < count * SIGNATURE_CHARS) {
      this.#signatures = Buffer.allocUnsafe(count * SIGNATURE_CHARS)
    }
    this.#serial += this.#prepared - this.#taken // never sent, yet never used again
    for (let i = 0; i < count; i++) {
      this.#writeSerial(this.#template, this.#serial + i)
      this.#signatures.write(this.#sign(this.#template), i * SIGNATURE_CHARS, 'latin1')
    }
    this.#prepared = count
    this.#taken = 0
    this.signedLate = 0
  }

  /** A buffer for one connection, to be filled again for each of its requests. */
  newBuffer(): Buffer {
    return Buffer.from(this.#template)
  }

  /** Puts the next request into a connection's buffer. */
  fill(target: Buffer): void {
    this.#writeSerial(target, this.#serial++)
    if (this.#taken < this.#prepared) {
      const at = this.#taken++ * SIGNATURE_CHARS
      this.#signatures.copy(target, this.#signatureAt, at, at + SIGNATURE_CHARS)
    } else {
      this.signedLate++
      target.write(this.#sign(target), this.#signatureAt, 'latin1')
    }
  }

  #sign(request: Buffer): string {
    const mac = createHmac('sha256', this.#key).update(`${this.#timestamp}.`)
    return mac.update(request.subarray(this.#bodyAt)).digest('hex')
  }

  #writeSerial(target: Buffer, serial: number): void {
    writeDigits(target, this.#digitsAt, DIGITS, serial)
    writeDigits(target, this.#routeAt, ROUTE_DIGITS, serial % this.#routes)
  }
}

function writeDigits(target: Buffer, start: number, digits: number, value: number): void {
  let rest = value
  for (let i = start + digits - 1; i >= start; i--) {
    target[i] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

function templateBody(): string {
  const fields = {
    event: 'call.completed',
    call_id: `bench-${Date.now().toString(36)}-${'0'.repeat(DIGITS)}`,
    from: '+14155551234',
    to: '+14155555678',
    status: 'completed',
    duration: 125,
    account_id: 'MA_TEST123',
    application_id: `app-${'0'.repeat(ROUTE_DIGITS)}`,
    direction: 'outbound',
    start_time: '2026-01-01T10:30:00Z',
    end_time: '2026-01-01T10:32:05Z',
    note: '',
  }
  const bare = JSON.stringify(fields).length
  return JSON.stringify({ ...fields, note: 'ringback '.repeat(100).slice(0, BODY_BYTES - bare) })
}
