import { sign } from './sign.ts'

const SIGNATURE = 'x-vobiz-signature'
const TIMESTAMP = 'x-vobiz-timestamp'

/**
 * The headers of a request with the signature over time and body made for this moment, for handlers that refuse what
 * is old. As they came where the request was not signed so, or the secret is not known. For requests that were proven.
 *
 * @param rawHeaders names and values in turn
 */
export function signAfresh(
  rawHeaders: readonly string[],
  {
    secret,
    body,
    nowMs,
  }: { readonly secret: string | undefined; readonly body: Uint8Array; readonly nowMs: number },
): readonly string[] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  if (secret === undefined || !names.includes(TIMESTAMP)) return rawHeaders
  const fresh = sign('timestamp', {
    secret,
    baseUrl: '',
    body,
    nowSeconds: Math.floor(nowMs / 1000),
    nonce: '',
  })
  const rest = rawHeaders.filter((_, index) => {
    const name = names[Math.floor(index / 2)]
    return name !== SIGNATURE && name !== TIMESTAMP
  })
  return [...rest, 'X-Vobiz-Signature', fresh[SIGNATURE] ?? '', 'X-Vobiz-Timestamp', fresh[TIMESTAMP] ?? '']
}
