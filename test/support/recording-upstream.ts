import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

import { type RawMessage, readMessage } from './http-reader.ts'

const ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{"status":"received"}'

/** A handler that keeps every request as it stood on the wire and answers each with 200. */
export class RecordingUpstream implements AsyncDisposable {
  readonly requests: RawMessage[] = []
  /** What arrived and was no proper HTTP; must stay empty. */
  readonly malformed: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async start(): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream()
    upstream.#server.listen(0, '127.0.0.1')
    await once(upstream.#server, 'listening')
    return upstream
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Requests since the last call; the list is empty afterwards. */
  take(): RawMessage[] {
    return this.requests.splice(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let received: Buffer = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      try {
        for (let found = readMessage(received); found !== undefined; found = readMessage(received)) {
          received = received.subarray(found.length)
          this.requests.push(found.message)
          const isHead = found.message.startLine.startsWith('HEAD ')
          socket.write(isHead ? ANSWER.slice(0, ANSWER.indexOf('{')) : ANSWER)
        }
      } catch (error) {
        this.malformed.push(String(error))
        socket.destroy()
      }
    })
  }
}
