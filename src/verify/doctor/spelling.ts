import { MAC_BYTES } from '../signing/hmac-key.ts'
import type { DialectRow } from '../dialects.ts'
import type { Difference } from './diagnosis.ts'

/** A MAC as a header offers it, and whether it is spelled as the dialect has it. */
export interface SpelledSignature {
  readonly bytes: Uint8Array
  readonly differences: readonly Difference[]
}

const MOST_SIGNATURES = 8

/** The MACs of a header, however they are spelled: hex of either case or base64 of either alphabet, with or without a prefix. */
export function signaturesOf(header: string, { encoding, prefix }: DialectRow): readonly SpelledSignature[] {
  return header
    .split(',', MOST_SIGNATURES)
    .map((part) => part.trim())
    .flatMap((part) => {
      const bytes = bytesOf(part.replace(/^(?:sha256|v\d)=/i, ''))
      if (bytes === undefined) return []
      const isAsWritten =
        encoding === 'hex'
          ? part === prefix + Buffer.from(bytes).toString('hex')
          : part === Buffer.from(bytes).toString('base64')
      return [{ bytes, differences: isAsWritten ? [] : [{ code: 'spelling' } as const] }]
    })
}

function bytesOf(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === MAC_BYTES ? bytes : undefined
}
