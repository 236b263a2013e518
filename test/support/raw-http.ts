import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { headerValues, type RawMessage, readMessage } from './http-reader.ts'

export interface RawResponse extends RawMessage {
  readonly status: number
}

/** An answer that does not come within this time is a hang; generous, so that only a hang meets it. */
const HANG_MS = 15_000

/**
 * A client that sends exactly the bytes it is given and reads answers strictly. Strings are sent as latin1, so that
 * '\xff' is the byte FF.
 */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    const ended = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', ended)
    socket.on('close', ended)
    socket.on('error', ended)
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  send(bytes: string | Uint8Array): this {
    if (!this.#socket.destroyed) this.#socket.write(bytesOf(bytes))
    return this
  }

  /** Each byte in a write of its own, each on its way before the next one. */
  async sendByteByByte(bytes: string | Uint8Array): Promise<void> {
    for (const byte of bytesOf(bytes)) {
      await new Promise((resolve) => {
        this.#socket.write(Uint8Array.of(byte), resolve)
      })
    }
  }

  /** Says that nothing more will be sent; answers can still be read. */
  finish(): this {
    if (!this.#socket.destroyed) this.#socket.end()
    return this
  }

  /** Goes away without a word (RST), as soon as what was sent is on its way. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** The next answer; undefined when the connection ended without (the rest of) one. */
  async read(options: { readonly toHead?: boolean } = {}): Promise<RawResponse | undefined> {
    const deadline = AbortSignal.timeout(HANG_MS)
    for (;;) {
      const body = options.toHead === true ? 'none' : this.#ended ? 'ended' : 'unknown'
      const found = readMessage(this.#received, body)
      if (found !== undefined) {
        this.#received = this.#received.subarray(found.length)
        return { ...found.message, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(found.message.startLine)?.[1]) }
      }
      if (this.#ended) return undefined
      await this.#news(deadline)
    }
  }

  /** Resolves when the server has closed; false when it has not within a second, and the connection stays open. */
  async isClosed(withinMs = 1_000): Promise<boolean> {
    const patience = AbortSignal.timeout(withinMs)
    while (!this.#ended && !patience.aborted) {
      await this.#news(patience).catch(() => undefined)
    }
    return this.#ended
  }

  /** What came in and was not read as an answer. */
  get leftOver(): Buffer {
    return this.#received
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  async #news(limit: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onLimit = (): void =>
      reject(new Error(`no answer; so far ${JSON.stringify(this.#received.toString('latin1'))}`))
    limit.addEventListener('abort', onLimit)
    this.#wake = resolve
    await promise.finally(() => limit.removeEventListener('abort', onLimit))
  }
}

/** One request on a connection of its own, sent as it is; its first answer, and whether the server closed after it. */
export async function exchange(
  port: number,
  bytes: string | Uint8Array,
): Promise<{ answer: RawResponse | undefined; closed: boolean }> {
  await using client = await RawClient.open(port)
  const answer = await client.send(bytes).read()
  const mayStay =
    answer !== undefined && !headerValues(answer, 'connection').some((value) => /close/i.test(value))
  return { answer, closed: mayStay ? false : await client.isClosed() }
}

function bytesOf(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
}
