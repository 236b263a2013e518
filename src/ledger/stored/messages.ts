import { redactBody, redactHeaders } from '../redact.ts'
import type { MessageRow } from '../rows.ts'

export interface MessagePolicy {
  readonly bodies: 'full' | 'redacted' | 'none'
  /** Most bytes of one body that are kept. */
  readonly bodyLimit: number
}

const TRUNCATED = 1
const REDACTED = 2

/** A request or reply as one line of a block: what is kept of it for display. Holds no line break. */
export function messageLine(
  policy: MessagePolicy,
  headers: readonly string[],
  body: Uint8Array,
  bytes: number,
): string {
  const truncated = policy.bodies !== 'none' && bytes > policy.bodyLimit ? TRUNCATED : 0
  const redacted = policy.bodies === 'redacted' ? REDACTED : 0
  return JSON.stringify([redactHeaders(headers), shownBody(policy, body), bytes, truncated | redacted])
}

function shownBody(policy: MessagePolicy, body: Uint8Array): string | null {
  if (policy.bodies === 'none') return null
  const length = Math.min(body.length, policy.bodyLimit)
  const text = Buffer.from(body.buffer, body.byteOffset, length).toString('utf8')
  return policy.bodies === 'full' ? text : redactBody(text)
}

/** Reads one line back. */
export function messageOf(line: string): MessageRow {
  const [headers, body, bytes, flags] = JSON.parse(line) as [string[], string | null, number, number]
  return {
    headers,
    body,
    body_bytes: bytes,
    is_truncated: (flags & TRUNCATED) !== 0,
    is_redacted: (flags & REDACTED) !== 0,
  }
}
