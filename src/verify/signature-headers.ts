import { dialects } from './dialects.ts'

/** The headers that any dialect uses, by lower-case name. */
const wanted: ReadonlySet<string> = new Set(
  Object.values(dialects)
    .flatMap((row) => [row.signatureHeader, row.saltHeader])
    .filter((name) => name !== ''),
)
// Few headers have the length of a wanted one: only those are worth lower-casing.
const wantedLengths: readonly boolean[] = Array.from(
  { length: Math.max(...[...wanted].map((name) => name.length)) + 1 },
  (_, length) => [...wanted].some((name) => name.length === length),
)

/** What of a request takes part in signing; at most a handful of names and values in turn. */
export interface SignatureHeaders {
  readonly found: readonly string[]
  /** The first name that stood there twice: which of the two is meant cannot be told. */
  readonly duplicate: string | undefined
}

/** Picks the signature headers in one pass over the raw headers. */
export function readSignatureHeaders(rawHeaders: readonly string[]): SignatureHeaders {
  const found: string[] = []
  let duplicate: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] ?? ''
    if (wantedLengths[raw.length] !== true) continue
    const name = raw.toLowerCase()
    if (!wanted.has(name)) continue
    if (valueOf(found, name) !== undefined) duplicate ??= name
    found.push(name, rawHeaders[i + 1] ?? '')
  }
  return { found, duplicate }
}

/** The value of a header by lower-case name; undefined when it is absent. */
export function valueOf(found: readonly string[], name: string): string | undefined {
  for (let i = 0; i < found.length; i += 2) if (found[i] === name) return found[i + 1]
  return undefined
}
