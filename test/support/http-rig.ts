import { createHmac } from 'node:crypto'

import { RecordingUpstream } from './recording-upstream.ts'
import { freePort, type RunningRingback, startRingback } from './start-ringback.ts'

const SECRET = 'whsec_conformance_0123456789abcdef'
const ACCOUNT = 'MA_TEST123'

/** A daemon and the handler behind it, both real, for looking at the bytes on either side. */
export interface HttpRig extends AsyncDisposable {
  readonly upstream: RecordingUpstream
  readonly ringback: RunningRingback
  readonly port: number
  /** The Host that the public URL has. */
  readonly host: string
}

/**
 * `/raw/…` goes to `/up/…` of the handler without a signature; `/vobiz/MA_TEST123` goes to `/handler` and needs one.
 *
 * @param more lines of configuration beside these
 */
export async function startHttpRig(more = ''): Promise<HttpRig> {
  const upstream = await RecordingUpstream.start()
  const port = await freePort()
  const target = `http://127.0.0.1:${upstream.port}`
  const config = `public_url: http://localhost:${port}
listen: 127.0.0.1:${port}
admin: { listen: "127.0.0.1:0" }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
accounts:
  - id: ${ACCOUNT}
    webhook_secret: { env: WEBHOOK_SECRET }
    signature: enforce
    default_callback_url: ${target}/handler
routes:
  - { id: raw, path: /raw/, target: "${target}/up/", signature: off, kind: notify }
${more}`
  try {
    const ringback = await startRingback(config, { env: { WEBHOOK_SECRET: SECRET } })
    return {
      upstream,
      ringback,
      port,
      host: `localhost:${port}`,
      [Symbol.asyncDispose]: async () => {
        await ringback[Symbol.asyncDispose]()
        await upstream[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await upstream[Symbol.asyncDispose]()
    throw error
  }
}

/** A request as bytes (latin1); Host and Content-Length are added unless the headers bring them or say `undefined`. */
export function request(
  startLine: string,
  headers: readonly (readonly [string, string])[] = [],
  body: string | Uint8Array = '',
): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name)
  const all = [
    ...(has('host') ? [] : ([['Host', 'localhost']] as const)),
    ...headers,
    ...(bytes.length === 0 || has('content-length') || has('transfer-encoding')
      ? []
      : ([['Content-Length', String(bytes.length)]] as const)),
  ]
  const head = [startLine, ...all.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes])
}

/** The two headers of the dialect with timestamp and body, computed here and not by the code under test. */
export function signatureHeaders(
  body: string | Uint8Array,
  timestamp = String(Math.floor(Date.now() / 1000)),
): [[string, string], [string, string]] {
  const mac = createHmac('sha256', SECRET).update(`${timestamp}.`).update(body).digest('hex')
  return [
    ['x-vobiz-signature', mac],
    ['x-vobiz-timestamp', timestamp],
  ]
}

/** Path of the account that takes signed callbacks only. */
export const SIGNED_PATH = `/vobiz/${ACCOUNT}`
