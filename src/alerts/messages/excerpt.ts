import { redactBody } from '../../ledger/redact.ts'
import { clean } from './clean.ts'

/** Bytes that are looked at: enough for what an error page says first. */
const LOOKED_AT = 2048
const LONGEST = 160
const tag = /<(?:style|script|head)\b[^]*?<\/(?:style|script|head)>|<[^>]*>/gi

/** The beginning of a handler's reply as people may read it: one line, secrets and phone numbers masked, no markup. */
export function excerptOf(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, LOOKED_AT))
  const isText = !text.includes('\u0000')
  return isText ? clean(redactBody(text).replace(tag, ' ').replace(/\s+/g, ' '), LONGEST) : ''
}
