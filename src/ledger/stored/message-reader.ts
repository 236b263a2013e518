import { zstdDecompressSync } from 'node:zlib'

import { headerPairsOf } from '../../callback/header-text.ts'
import { withMask } from '../redact.ts'
import type { MessageRow } from '../rows.ts'
import { FORM, HEAD, messageFlag, type StoredBlock } from './block-form.ts'

/** Reads one message of a block; undefined when the block has no such slot. */
export function messageIn({ data, isPacked }: StoredBlock, slot: number): MessageRow | undefined {
  const bytes = isPacked
    ? zstdDecompressSync(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes[0] !== FORM[0]) return lineIn(bytes, slot)
  let at = FORM.length
  for (let before = 0; before < slot && at < bytes.length; before++) at += bytes.readUInt32LE(at)
  if (at >= bytes.length) return undefined
  return messageOf(bytes.subarray(at, at + bytes.readUInt32LE(at)))
}

function messageOf(message: Buffer): MessageRow {
  const headersEnd = message.readUInt32LE(8)
  const flags = message.readUInt8(12)
  return {
    headers: headerPairsOf(withMask(message.toString('latin1', HEAD, headersEnd))),
    body: (flags & messageFlag.hasBody) === 0 ? null : message.toString('utf8', headersEnd),
    body_bytes: message.readUInt32LE(4),
    ...marksOf(flags),
  }
}

function lineIn(bytes: Buffer, slot: number): MessageRow | undefined {
  const line = bytes.toString('utf8').split('\n')[slot]
  if (line === undefined) return undefined
  const [headers, body, bodyBytes, flags] = JSON.parse(line) as [string[], string | null, number, number]
  return { headers, body, body_bytes: bodyBytes, ...marksOf(flags) }
}

function marksOf(flags: number): Pick<MessageRow, 'is_truncated' | 'is_redacted'> {
  return {
    is_truncated: (flags & messageFlag.isTruncated) !== 0,
    is_redacted: (flags & messageFlag.isRedacted) !== 0,
  }
}
