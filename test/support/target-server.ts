import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'

/** One request as it came over the wire. */
export interface SeenRequest {
  readonly method: string
  /** Path and query, byte for byte (latin1). */
  readonly target: string
  /** Names and values in turn, as received (latin1). */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** The head exactly as it was sent, up to and with the empty line (latin1). */
  readonly head: string
  /** Which connection it came on, counted from 1. */
  readonly connection: number
  readonly at: number
  /** Value of a header, by lower-case name; the first one, or undefined. */
  header(name: string): string | undefined
}

export interface SimpleReply {
  readonly status?: number
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Buffer
}

/** What a server does with a request; it may answer later, or write to the socket itself and return nothing. */
export type Handler = (
  request: SeenRequest,
  socket: Socket,
) => SimpleReply | undefined | void | Promise<SimpleReply | undefined | void>

/** Ready-made ways to behave; `socket` is what a Handler gets. */
export const behaviours = {
  ok: () => ({ body: 'ok' }),
  status: (status: number, body = `status ${status}`) => ({ status, body }),
  /** Takes the request and never answers. */
  hang: () => undefined,
  /** Any bytes, exactly as given; the connection stays open. */
  raw: (bytes: string | Buffer) => (_request: SeenRequest, socket: Socket) => {
    socket.write(bytes, 'latin1')
  },
  /** Any bytes, exactly as given, then FIN. */
  rawAndClose: (bytes: string | Buffer) => (_request: SeenRequest, socket: Socket) => {
    socket.end(bytes, 'latin1')
  },
  /** RST instead of a reply. */
  reset: (_request: SeenRequest, socket: Socket) => {
    socket.resetAndDestroy()
  },
  /** FIN instead of a reply. */
  close: (_request: SeenRequest, socket: Socket) => {
    socket.end()
  },
  /** A head that promises `length` bytes, some of them, then FIN. */
  truncate: (_request: SeenRequest, socket: Socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
  },
  /** The same, cut by RST. */
  truncateByReset: async (_request: SeenRequest, socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
    await sleep(20)
    socket.resetAndDestroy()
  },
  /** One byte of a correct reply every `everyMs`. */
  drip:
    (everyMs: number, reply = 'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n' + 'x'.repeat(40)) =>
    async (_request: SeenRequest, socket: Socket) => {
      for (const byte of reply) {
        if (socket.destroyed) return
        socket.write(byte)
        await sleep(everyMs)
      }
    },
  garbage: (_request: SeenRequest, socket: Socket) => {
    socket.end('\x00\x01\x02 this is no HTTP\r\n\r\n')
  },
  after:
    (ms: number, reply: SimpleReply = { body: 'late' }) =>
    async () => {
      await sleep(ms)
      return reply
    },
} as const

export interface TargetServerOptions {
  /** PEM texts; makes it an https server. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Closes a connection that was idle for this long after a reply, as servers with a short keep-alive do. */
  readonly idleMs?: number
  /** RST instead of FIN when the idle time is over. */
  readonly idleReset?: boolean
  /** Called for every new connection before anything is read; true means that it took the connection over. */
  readonly onConnection?: (socket: Socket) => boolean | void
  readonly host?: string
}

/** A real upstream server that behaves as badly as a test wants. Parses requests itself, so nothing is hidden or tidied. */
export class TargetServer implements AsyncDisposable {
  readonly requests: SeenRequest[] = []
  connections = 0
  /** Connections that are open now. */
  readonly sockets = new Set<Socket>()
  readonly #server: Server
  readonly #options: TargetServerOptions
  #handler: Handler
  readonly #onRequest: (() => void)[] = []

  constructor(handler: Handler, options: TargetServerOptions) {
    this.#handler = handler
    this.#options = options
    const accept = (socket: Socket): void => this.#accept(socket)
    this.#server =
      options.tls === undefined
        ? createServer({ noDelay: true }, accept)
        : createTlsServer({ ...options.tls, ALPNProtocols: ['http/1.1'] }, accept)
    this.#server.on('tlsClientError', () => undefined)
  }

  listen(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, this.#options.host ?? '127.0.0.1', () => resolve(this))
    })
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the target server does not listen')
    return address.port
  }

  get origin(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`
  }

  /** The origin with a trailing slash, ready for a configuration. */
  get url(): string {
    return `${this.origin}/`
  }

  /** From the next request on. */
  behave(handler: Handler): void {
    this.#handler = handler
  }

  /** Resolves when `count` requests have been seen in all. */
  async seen(count: number): Promise<void> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => this.#onRequest.push(resolve))
    }
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #accept(socket: Socket): void {
    this.connections += 1
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (this.#options.onConnection?.(socket) === true) return
    const connection = this.connections
    let buffered: Buffer = Buffer.alloc(0)
    let idle: NodeJS.Timeout | undefined
    socket.on('close', () => clearTimeout(idle))
    socket.on('data', (chunk: Buffer) => {
      clearTimeout(idle)
      buffered = Buffer.concat([buffered, chunk])
      for (;;) {
        const parsed = parseRequest(buffered, connection)
        if (parsed === undefined) return
        buffered = parsed.rest
        void this.#serve(parsed.request, socket).then(() => {
          idle = this.#armIdle(socket)
        })
      }
    })
  }

  #armIdle(socket: Socket): NodeJS.Timeout | undefined {
    const { idleMs, idleReset } = this.#options
    if (idleMs === undefined) return undefined
    return setTimeout(() => {
      if (idleReset === true) socket.resetAndDestroy()
      else socket.end()
    }, idleMs)
  }

  async #serve(request: SeenRequest, socket: Socket): Promise<void> {
    this.requests.push(request)
    for (const tell of this.#onRequest.splice(0)) tell()
    const reply = await this.#handler(request, socket)
    if (reply === undefined || socket.destroyed) return
    const body = Buffer.from(reply.body ?? '')
    const headers = (reply.headers ?? []).map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const length = reply.status === 204 ? '' : `Content-Length: ${body.length}\r\n`
    const head = `HTTP/1.1 ${reply.status ?? 200} Text\r\n${headers}${length}\r\n`
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
  }
}

/** Starts a server on a free port of 127.0.0.1. Without a handler it answers `200 ok`. */
export function startTarget(
  handler: Handler = behaviours.ok,
  options: TargetServerOptions = {},
): Promise<TargetServer> {
  return new TargetServer(handler, options).listen()
}

function parseRequest(
  bytes: Buffer,
  connection: number,
): { readonly request: SeenRequest; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end + 4)
  const [line = '', ...lines] = head.slice(0, -4).split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  const rawHeaders = lines.flatMap((text) => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon), text.slice(colon + 1).trim()]
  })
  const header = (name: string): string | undefined => {
    const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
    return at === -1 ? undefined : rawHeaders[at + 1]
  }
  const length = Number(header('content-length') ?? 0)
  if (bytes.length < end + 4 + length) return undefined
  const body = Buffer.from(bytes.subarray(end + 4, end + 4 + length))
  const at = performance.now()
  return {
    request: { method, target, rawHeaders, body, head, connection, at, header },
    rest: bytes.subarray(end + 4 + length),
  }
}
