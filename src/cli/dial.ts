import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

import { RingbackError } from '../errors.ts'
import { oneLine } from './terminal-text.ts'

const TIMEOUT_MS = 90_000
const MOST_BYTES = 1024 * 1024

export interface Dialled {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** From the first byte sent to the last one received, milliseconds. */
  readonly ms: number
}

/** Sends one callback as the provider would. `host` is the name the far side is known by, when it is not that of the URL. */
export async function dial(
  url: URL,
  request: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly host: string
    readonly signal: AbortSignal
  },
): Promise<Dialled> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const startedAt = performance.now()
  try {
    const outgoing = send(url, {
      method: 'POST',
      agent: false,
      servername: request.host.replace(/:\d+$/, ''),
      headers: { host: request.host, ...request.headers, 'content-length': request.body.length },
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    outgoing.end(request.body)
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    const body = await readBody(response)
    return {
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      body,
      ms: performance.now() - startedAt,
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RingbackError(
      'unreachable',
      `No answer from ${url.origin} (${oneLine(why, 200)}).\nIs Ringback running? Start it with: ringback serve. Elsewhere? Say where with --to URL.`,
      { cause },
    )
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = chunk as Uint8Array
    size += bytes.length
    if (size <= MOST_BYTES) chunks.push(bytes)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}
