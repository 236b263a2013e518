import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

import { fastify } from 'fastify'

import { problem } from '../callback/answer.ts'
import type { Receiver } from './receive.ts'

// Values and reasons: docs/operations.md, "Limits of the public port".
const limits = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500,
  keepAliveTimeout: 65_000,
  noDelay: true,
  requireHostHeader: true,
  insecureHTTPParser: false,
} as const
const MAX_CONNECTIONS = 5_000

export interface TlsFiles {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** The public port. */
export interface PublicServer {
  /** Resolves with the address that was bound, as HOST:PORT. */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>
  /** New connections use the renewed certificate. */
  renewCertificate(files: TlsFiles): void
  /** Takes no new connections, lets what is under way end until `graceMs` is over, then destroys the rest. */
  close(graceMs: number): Promise<void>
}

/**
 * A Fastify server whose requests for callbacks are taken in front of its router: parsing content types, hooks and
 * reply serialisation are of no use to bytes that are only passed on. Everything else ends in the router's 404.
 */
export function createPublicServer(receiver: Receiver, tls: TlsFiles | undefined): PublicServer {
  let server: Server | TlsServer | undefined
  const app = fastify({
    serverFactory: (handler) => {
      server =
        tls === undefined
          ? createServer(limits)
          : createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' })
      server.maxConnections = MAX_CONNECTIONS
      server.on('request', (request, response) => {
        if (!receiver.receive(request, response)) handler(request, response)
      })
      return server
    },
    clientErrorHandler: (error, socket) => {
      answerMalformed(receiver, error, socket)
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null)
  })
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    receiver.refuseUnknown(request.raw, reply.raw)
  })

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null
        ? formatAddress(address.address, address.port)
        : `${host}:${port}`
    },
    renewCertificate(files) {
      if (server !== undefined && 'setSecureContext' in server)
        server.setSecureContext({ ...files, minVersion: 'TLSv1.2' })
    },
    async close(graceMs) {
      receiver.drain()
      const closed = app.close()
      await Promise.race([receiver.idle(), delay(graceMs)])
      server?.closeIdleConnections()
      await delay(20) // the last answers are still on their way to the sockets
      server?.closeAllConnections()
      await closed
    },
  }
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

async function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** What the parser refused never became a request: answer by hand, count it, close. */
function answerMalformed(receiver: Receiver, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    socket.destroy()
    return
  }
  const status = statusOfParserError(error.code)
  receiver.refuseMalformed(socket.remoteAddress ?? '', status)
  if (socket.writable) {
    const { body } = problem(status, titles[status] ?? 'malformed request')
    socket.write(
      `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${body.byteLength}\r\nConnection: close\r\n\r\n${Buffer.from(body).toString()}`,
    )
  }
  socket.destroySoon()
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}
const titles: Readonly<Record<number, string>> = {
  400: 'the request is malformed',
  408: 'the request did not arrive in time',
  413: 'the chunk extensions are too large',
  431: 'the header is too large',
}

function statusOfParserError(code: string | undefined): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408
    default:
      return 400
  }
}
