import { connect, type Socket } from 'node:net'

import { measureMessage } from './http-message.ts'

const READ_BUFFER_BYTES = 16_384

/** How a request ended: the status of its answer, or 0 when the connection broke. */
export type Ended = (connection: Connection, status: number) => void

/** One kept-alive client connection with at most one request under way; reconnects by itself after a break. */
export class Connection {
  readonly request: Buffer
  /** When the request under way was meant to be sent (milliseconds of the monotonic clock). */
  intendedAt = 0
  readonly #port: number
  readonly #ended: Ended
  #socket: Socket
  #busy = false
  #closed = false
  #partial: Buffer | undefined

  constructor(port: number, request: Buffer, ended: Ended) {
    this.#port = port
    this.request = request
    this.#ended = ended
    this.#socket = this.#dial()
  }

  /** Sends what is in `request` now; the buffer must stay as it is until the answer is there. */
  send(intendedAt: number): void {
    this.#busy = true
    this.intendedAt = intendedAt
    this.#socket.write(this.request)
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #dial(): Socket {
    const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES)
    const socket = connect({
      host: '127.0.0.1',
      port: this.#port,
      noDelay: true,
      onread: {
        buffer,
        callback: (bytes) => {
          this.#read(buffer.subarray(0, bytes))
          return true
        },
      },
    })
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => this.#broken(socket))
    return socket
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk])
    const message = measureMessage(bytes)
    if (message === undefined || message.length > bytes.length) {
      this.#partial = Buffer.from(bytes)
      return
    }
    this.#partial = undefined
    this.#busy = false
    this.#ended(this, message.status)
  }

  #broken(socket: Socket): void {
    if (this.#closed || socket !== this.#socket) return
    const wasBusy = this.#busy
    this.#busy = false
    this.#partial = undefined
    this.#socket = this.#dial()
    if (wasBusy) this.#ended(this, 0)
  }
}
