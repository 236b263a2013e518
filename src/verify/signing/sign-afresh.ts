import { headerTextOf, type HeaderText, headerValuesOf, withoutHeaders } from '../../callback/header-text.ts'
import { sign } from './sign.ts'

const SIGNATURE = 'x-vobiz-signature'
const TIMESTAMP = 'x-vobiz-timestamp'

/**
 * The headers of a request with the signature over time and body made for this moment, for handlers that refuse what
 * is old. As they came where the request was not signed so, or the secret is not known. For requests that were proven.
 */
export function signAfresh(
  headers: HeaderText,
  {
    secret,
    body,
    nowMs,
  }: { readonly secret: string | undefined; readonly body: Uint8Array; readonly nowMs: number },
): HeaderText {
  if (secret === undefined || headerValuesOf(headers, TIMESTAMP).length === 0) return headers
  const fresh = sign('timestamp', {
    secret,
    baseUrl: '',
    body,
    nowSeconds: Math.floor(nowMs / 1000),
    nonce: '',
  })
  const made = ['X-Vobiz-Signature', fresh[SIGNATURE] ?? '', 'X-Vobiz-Timestamp', fresh[TIMESTAMP] ?? '']
  return withoutHeaders(headers, replaced) + headerTextOf(made)
}

const replaced: ReadonlySet<string> = new Set([SIGNATURE, TIMESTAMP])
