import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { fastify } from 'fastify'

import { noSchemas } from '../no-schemas.ts'
import { OpenConnections, type Use } from './open-connections.ts'
import { writePlainAnswer } from './plain/plain-answer.ts'
import { PlainLane } from './plain/plain-lane.ts'
import { ReadAhead } from './read-ahead.ts'
import type { Receiver } from './receiver.ts'
import { notHttp, withoutRequest } from './refusals.ts'

// Values and reasons: docs/operations.md, "Limits of the public port".
const limits = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500,
  keepAliveTimeout: 65_000,
  timeout: 75_000,
  noDelay: true,
  requireHostHeader: true,
  insecureHTTPParser: false,
} as const
const MAX_CONNECTIONS = 5_000
/** Above that, connections that are being told so; beyond these they are closed as they come. */
const SPARE_CONNECTIONS = 500
const TLS_HANDSHAKE_MS = 5_000
/**
 * How long a stop waits for the next request of an idle connection, so as to answer it with `Connection: close`: closed
 * on the spot, it would cut a request that is just being sent. Meanwhile new connections are served as well.
 */
const IDLE_GRACE_MS = 500
/** The last answers are still on their way to the sockets when no callback is under way any more. */
const LAST_BYTES_MS = 20
/** How long a refusal that ends its connection may take to be read: it holds one of the spare places until then. */
const REFUSAL_MS = 2_000

export interface TlsFiles {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** An address to bind, or the descriptor of a socket that listens already. */
type ListenAt = { readonly host: string; readonly port: number } | { readonly fd: number }

export interface PublicServerOptions {
  /** Left out where TLS ends before Ringback, or nowhere. */
  readonly tls?: TlsFiles | undefined
  /** How many processes serve the port; each has its share of the connections. */
  readonly processes?: number
}

/** The public port. */
export interface PublicServer {
  /** Resolves with the address that was bound, as HOST:PORT. */
  listen(at: ListenAt): Promise<string>
  /** New connections use the renewed certificate. */
  renewCertificate(files: TlsFiles): void
  /**
   * Tells kept-alive connections to close with their next answer, takes no new ones, lets what is under way end until
   * `graceMs` is over, then destroys the rest.
   */
  close(graceMs: number): Promise<void>
}

/**
 * A Fastify server whose requests for callbacks are taken in front of its router: parsing content types, hooks and
 * reply serialisation are of no use to bytes that are only passed on. Everything else ends in the router's 404.
 */
export function createPublicServer(receiver: Receiver, options: PublicServerOptions): PublicServer {
  let opened: OpenedServer | undefined
  const app = fastify({
    ...noSchemas,
    serverFactory: (handler) => {
      opened = openServer(receiver, options, handler)
      return opened.server
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET') socket.destroy()
      else opened?.end(socket, statusOfCode[error.code] ?? 400)
    },
    frameworkErrors: (_error, request, reply) => {
      reply.hijack()
      receiver.refuseUnknown(request.raw, reply.raw)
    },
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.hijack()
    receiver.refuseUnknown(request.raw, reply.raw)
    done()
  })

  return {
    async listen(at) {
      // Node prefers the descriptor; the host only keeps Fastify from binding localhost twice.
      await app.listen('fd' in at ? { host: '127.0.0.1', ...at } : at)
      const address = app.server.address()
      return typeof address === 'object' && address !== null
        ? formatAddress(address.address, address.port)
        : 'inherited socket'
    },
    renewCertificate(files) {
      const server = opened?.server
      if (server !== undefined && 'setSecureContext' in server)
        server.setSecureContext({ ...files, minVersion: 'TLSv1.2' })
    },
    async close(graceMs) {
      receiver.drain()
      await opened?.connections.gone(IDLE_GRACE_MS)
      const closed = app.close()
      await opened?.connections.youngGone()
      await receiver.idle(graceMs)
      await opened?.connections.gone(LAST_BYTES_MS)
      opened?.lane.close()
      opened?.server.closeAllConnections()
      await closed
    },
  }
}

interface OpenedServer {
  readonly server: Server | TlsServer
  readonly connections: OpenConnections
  readonly lane: PlainLane
  /** Ends a connection of Node's HTTP server with a refusal, after the answers that are to come on it. */
  readonly end: (socket: Duplex, status: number) => void
}

/** @param handler of requests that no route claims */
function openServer(
  receiver: Receiver,
  options: PublicServerOptions,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): OpenedServer {
  const server = newServer(options)
  const event = options.tls === undefined ? 'connection' : 'secureConnection'
  const ahead = new ReadAhead()
  const end = (socket: Duplex, status: number): void =>
    ahead.end(socket, () => answerWithoutRequest(receiver, status, socket))
  const lane = new PlainLane({
    receiver,
    silentMs: limits.headersTimeout,
    requestMs: limits.requestTimeout,
    idleMs: limits.keepAliveTimeout,
    sweepMs: limits.connectionsCheckingInterval,
    onLate: (socket) => answerWithoutRequest(receiver, 408, socket),
    toNode: takeOver(server, event, ahead),
  })
  const connections = new OpenConnections(server, {
    event,
    most: mostConnections(options),
    take: (socket) => lane.take(socket),
    refuse: (socket) => answerWithoutRequest(receiver, 503, socket.resume()),
    useOf: (socket) => lane.useOf(socket) ?? useByNode(socket, ahead),
    end: (socket) => lane.end(socket) || end(socket, 408),
  })
  // Node and Fastify call it when they close, and it cuts connections whose first request is still on its way, too.
  server.closeIdleConnections = () => undefined
  server.on('request', (request, response) => {
    const entry = ahead.admit(request, response)
    if (entry === 'refuse') receiver.refuseAhead(request, response)
    else if (entry === 'take' && !receiver.receive(request, response)) handler(request, response)
  })
  server.on('checkExpectation', (request, response) => {
    if (ahead.admit(request, response) !== 'drop') receiver.refuseExpectation(request, response)
  })
  server.on('connect', (_request, socket) => {
    // Node has taken its own listeners away. What the sender says from here on is read, and thrown away.
    for (const event of ['error', 'timeout']) socket.on(event, () => socket.destroy())
    end(socket, 405)
    socket.resume()
  })
  return { server, connections, lane, end }
}

/**
 * Takes new connections away from Node's HTTP server. It gets one back by what is returned, as documented for its event
 * `connection`.
 */
function takeOver(server: Server | TlsServer, event: 'connection' | 'secureConnection', ahead: ReadAhead) {
  const listeners = server.listeners(event)
  server.removeAllListeners(event)
  return (socket: Socket): void => {
    for (const listener of listeners) listener.call(server, socket)
    ahead.watch(socket)
  }
}

/** What a connection of Node's HTTP server is used for. An answer that the sender does not read is no use. */
function useByNode(
  socket: Socket & {
    readonly _httpMessage?: Pick<ServerResponse, 'writableEnded' | 'req'> | null
  },
  ahead: ReadAhead,
): Use {
  const { _httpMessage: message } = socket
  const since = ahead.since(socket)
  if (message?.writableEnded !== false) return { kind: 'idle', since }
  return message.req.complete ? 'in_use' : { kind: 'arriving', since }
}

function newServer(options: PublicServerOptions) {
  const { tls } = options
  const tlsLimits = { minVersion: 'TLSv1.2', handshakeTimeout: TLS_HANDSHAKE_MS } as const
  const server =
    tls === undefined ? createServer(limits) : createTlsServer({ ...limits, ...tls, ...tlsLimits })
  server.maxConnections = mostConnections(options) + SPARE_CONNECTIONS
  return server
}

function mostConnections({ processes = 1 }: PublicServerOptions): number {
  return Math.ceil(MAX_CONNECTIONS / processes)
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What never became a request is answered on the bare socket, counted, and its connection closed. */
function answerWithoutRequest(receiver: Receiver, status: number, socket: Duplex): void {
  socket.on('error', () => socket.destroy()) // the sender may be gone, and nobody else listens
  if (socket.destroyed) return
  receiver.refuseMalformed(socket instanceof Socket ? (socket.remoteAddress ?? '') : '', status)
  if (socket.writable) {
    writePlainAnswer(socket, withoutRequest[status] ?? notHttp, undefined)
    socket.end()
  }
  const limit = setTimeout(() => socket.destroy(), REFUSAL_MS).unref()
  socket.once('finish', () => socket.destroy())
  socket.once('close', () => clearTimeout(limit))
}

/** Codes of Node's parser that are not plainly a malformed request. */
const statusOfCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
