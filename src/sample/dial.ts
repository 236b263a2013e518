import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

const TIMEOUT_MS = 90_000
const MOST_BYTES = 1024 * 1024

export interface Dialled {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** From the first byte sent to the last one received, milliseconds. */
  readonly ms: number
}

export interface Dialling {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The name the far side is known by, when it is not that of the URL. */
  readonly host: string
  readonly signal?: AbortSignal | undefined
  /** The far side is this very process: its certificate needs no proof. */
  readonly isOwnPort?: boolean
}

/** Sends one callback as the provider would. Rejects with Node's own error when no complete answer came. */
export async function dial(
  url: URL,
  { headers, body, host, signal, isOwnPort = false }: Dialling,
): Promise<Dialled> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const startedAt = performance.now()
  const outgoing = send(url, {
    method: 'POST',
    agent: false,
    servername: host.replace(/:\d+$/, ''),
    rejectUnauthorized: !isOwnPort,
    headers: { host, ...headers, 'content-length': body.length },
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return {
    body: await readBody(response),
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    ms: performance.now() - startedAt,
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
