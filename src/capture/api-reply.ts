import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'

import { type OriginalOf, unwrapAnswer } from './api-answer.ts'

/** Largest answer whose URLs are mapped back; a list of the API holds at most a hundred applications. */
export const MOST_ANSWER_BYTES = 8 * 1024 * 1024

interface Coding {
  readonly open: (bytes: Uint8Array) => Buffer
  readonly close: (bytes: Buffer) => Buffer
}

const limit = { maxOutputLength: MOST_ANSWER_BYTES }
const codings: ReadonlyMap<string, Coding> = new Map([
  ['', { open: (bytes) => Buffer.from(bytes), close: (bytes) => bytes }],
  ['gzip', { open: (bytes) => gunzipSync(bytes, limit), close: (bytes) => gzipSync(bytes) }],
  [
    'br',
    { open: (bytes) => brotliDecompressSync(bytes, limit), close: (bytes) => brotliCompressSync(bytes) },
  ],
])

/**
 * The body of an answer with its captured URLs mapped back, in the content coding it came in. The same bytes when
 * there are none, or when its coding is not known or not right.
 */
export function unwrapBody(
  body: Uint8Array,
  contentCoding: string,
  prefix: string,
  originalOf: OriginalOf,
): Uint8Array {
  const coding = codings.get(contentCoding.toLowerCase())
  const text = coding === undefined ? undefined : opened(body, coding)
  if (coding === undefined || text === undefined) return body
  const unwrapped = unwrapAnswer(text, prefix, originalOf)
  return unwrapped === text ? body : coding.close(Buffer.from(unwrapped, 'latin1'))
}

/** One character a byte. */
function opened(body: Uint8Array, { open }: Coding): string | undefined {
  try {
    return open(body).toString('latin1')
  } catch {
    return undefined
  }
}
