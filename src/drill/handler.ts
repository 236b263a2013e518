import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The built-in handler of a drill: it fails until it is mended. */
export interface DrillHandler {
  readonly url: string
  /** The loopback address it listens on: while the drill runs, handlers may be dialled there. */
  readonly address: string
  /** From now on it answers 200. */
  mend(): void
  close(): Promise<void>
}

/**
 * Starts it on a free port. The address is one of 127.0.0.0/8 that nobody can guess, so that allowing it opens nothing
 * else; systems that have only 127.0.0.1 use that.
 *
 * @param random gives numbers in [0, 1)
 */
export async function startDrillHandler(random: () => number): Promise<DrillHandler> {
  let isMended = false
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response
        .writeHead(isMended ? 200 : 503, { 'Content-Type': 'application/json' })
        .end(isMended ? '{"status":"received"}' : '{"error":"this handler fails on purpose: it is a drill"}')
    })
  })
  const part = (): number => 1 + Math.floor(random() * 254)
  const address = await listen(server, [`127.${part()}.${part()}.${part()}`, '127.0.0.1'])
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${address}:${port}/`,
    address,
    mend() {
      isMended = true
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function listen(server: Server, [first = '', ...others]: readonly string[]): Promise<string> {
  try {
    server.listen(0, first)
    await once(server, 'listening')
    return first
  } catch (error) {
    if (others.length === 0) throw error
    return listen(server, others)
  }
}
