import type { Readable } from 'node:stream'

import { openClient } from './client.ts'
import type { DialParts } from './dial.ts'
import { FailureError } from './failure.ts'
import { endToEnd } from './headers.ts'

/** A request that is passed on as it came. */
export interface RelayRequest {
  readonly method: string
  /** Raw path with its query. */
  readonly path: string
  /** Names and values in turn, as received. */
  readonly headers: readonly string[]
  readonly body: Uint8Array | Readable | undefined
  /** Length of a streamed body, where it was declared. */
  readonly contentLength: string | undefined
}

/** The reply as it came, without the headers of the connection and the length; its body is read by whoever asked. */
export interface RelayReply {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly string[]
  readonly contentLength: string | undefined
  readonly body: Readable
}

/** Passes requests on to one origin, each once: on a connection of its own, so that no stale one makes a resend tempting. */
export interface Relay {
  /** Rejects with a RelayError when no reply came. */
  send(request: RelayRequest): Promise<RelayReply>
  close(): Promise<void>
}

export class RelayError extends Error {
  override readonly name = 'RelayError'
  /** False when the request certainly never reached the other side. */
  readonly mayHaveArrived: boolean
  readonly isTimeout: boolean

  constructor(message: string, what: { readonly mayHaveArrived: boolean; readonly isTimeout: boolean }) {
    super(message)
    this.mayHaveArrived = what.mayHaveArrived
    this.isTimeout = what.isTimeout
  }
}

const REPLY_MS = 60_000
const MOST_HEAD_BYTES = 64 * 1024

/** Of the request: said anew for the other side, or done with on this one. */
const replaced: ReadonlySet<string> = new Set(['host', 'expect'])

export function createRelay(origin: string, parts: DialParts): Relay {
  const client = openClient(parts, {
    pipelining: 0,
    headersTimeout: REPLY_MS,
    bodyTimeout: REPLY_MS,
    maxHeaderSize: MOST_HEAD_BYTES,
  })
  client.catch(() => undefined) // whoever sends hears of it
  return {
    async send({ method, path, headers, body, contentLength }) {
      const sent = withoutReplaced(endToEnd(headers))
      if (contentLength !== undefined) sent.push('Content-Length', contentLength)
      try {
        const { agent } = await client
        const reply = await agent.request({
          origin,
          path,
          method,
          headers: sent,
          body: body ?? null,
          responseHeaders: 'raw',
        })
        const raw = reply.headers as unknown as readonly string[] // what 'raw' makes of them
        return {
          status: reply.statusCode,
          statusText: reply.statusText,
          headers: endToEnd(raw),
          contentLength: valueOf(raw, 'content-length'),
          body: reply.body,
        }
      } catch (error) {
        throw relayError(error)
      }
    },
    close: async () => (await client).agent.destroy(),
  }
}

function withoutReplaced(headers: readonly string[]): string[] {
  return headers.filter((_, index) => !replaced.has(headers[index - (index % 2)]?.toLowerCase() ?? ''))
}

function valueOf(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  return at === -1 ? undefined : headers[at + 1]
}

function relayError(error: unknown): RelayError {
  if (error instanceof FailureError) {
    return new RelayError(error.message, {
      mayHaveArrived: false,
      isTimeout: error.failure.outcome === 'timeout_connect',
    })
  }
  const isTimeout = error instanceof Error && 'code' in error && error.code === 'UND_ERR_HEADERS_TIMEOUT'
  const message = isTimeout
    ? `no reply within ${REPLY_MS / 1000} s`
    : error instanceof Error
      ? error.message
      : 'the exchange failed'
  return new RelayError(message, { mayHaveArrived: true, isTimeout })
}
