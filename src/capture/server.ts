import { createServer } from 'node:http'

import type { ApiFront } from './api-front.ts'

const limits = {
  maxHeaderSize: 65_536,
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  noDelay: true,
} as const
const MAX_CONNECTIONS = 1_000

/** The port in front of the provider's API. */
export interface ApiServer {
  /** Resolves with the address that was bound, as HOST:PORT. */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes no new connections, lets what is under way end until `graceMs` is over. */
  close(graceMs: number): Promise<void>
}

export function createApiServer(front: ApiFront): ApiServer {
  const server = createServer(limits, (request, response) => void front(request, response))
  server.maxConnections = MAX_CONNECTIONS
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const address = server.address()
          const bound = typeof address === 'object' && address !== null ? address.port : port
          resolve(`${host.includes(':') ? `[${host}]` : host}:${bound}`)
        })
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        const limit = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(limit)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
