import { HeaderCursor, type HeaderText } from '../../callback/header-text.ts'
import { NameTable } from '../../callback/name-table.ts'
import { dialects } from '../dialects.ts'

/** The headers that any dialect uses, by lower-case name. */
const names = Object.values(dialects)
  .flatMap((row) => [row.signatureHeader, row.saltHeader])
  .filter((name) => name !== '')
const wanted = new NameTable(new Set(names).values().map((name) => [name, name] as const))

/** What of a request takes part in signing; at most a handful of names and values in turn. */
export interface SignatureHeaders {
  readonly found: readonly string[]
  /** The first name that stood there twice: which of the two is meant cannot be told. */
  readonly duplicate: string | undefined
}

/** Picks the signature headers in one pass. */
export function readSignatureHeaders(headers: HeaderText): SignatureHeaders {
  const found: string[] = []
  let duplicate: string | undefined
  for (const cursor = new HeaderCursor(headers); cursor.next();) {
    const name = wanted.of(headers, cursor)
    if (name === undefined) continue
    if (valueOf(found, name) !== undefined) duplicate ??= name
    found.push(name, cursor.value)
  }
  return { found, duplicate }
}

/** The value of a header by lower-case name; undefined when it is absent. */
export function valueOf(found: readonly string[], name: string): string | undefined {
  for (let i = 0; i < found.length; i += 2) if (found[i] === name) return found[i + 1]
  return undefined
}
