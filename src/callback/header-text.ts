/*
 * Headers as one text: `Name: value` and a line end for each, in the order and case they came, one byte a character
 * (Latin-1). As they arrive, as they are sent and as they are kept are mostly the same bytes, so most headers are never
 * taken apart.
 */

/** Header lines as one text; see above. */
export type HeaderText = string

/**
 * A line end inside a name or value must not begin a header of its own: it stays as a bare line feed, which no sender of
 * headers lets through.
 *
 * @param pairs names and values in turn
 */
export function headerTextOf(pairs: readonly string[]): HeaderText {
  let text = ''
  for (let i = 0; i + 1 < pairs.length; i += 2) text += `${inLine(pairs[i])}: ${inLine(pairs[i + 1])}\r\n`
  return text
}

function inLine(text = ''): string {
  return text.includes('\r') ? text.replaceAll('\r', '\n') : text
}

/** Names and values in turn. */
export function headerPairsOf(text: HeaderText): string[] {
  const pairs: string[] = []
  for (const cursor = new HeaderCursor(text); cursor.next();) pairs.push(cursor.name, cursor.value)
  return pairs
}

/** The values of one header, in order. @param name in lower case */
export function headerValuesOf(text: HeaderText, name: string): string[] {
  const values: string[] = []
  for (const cursor = new HeaderCursor(text); cursor.next();) {
    if (cursor.name.toLowerCase() === name) values.push(cursor.value)
  }
  return values
}

/** The text without the headers of these names. @param names in lower case */
export function withoutHeaders(text: HeaderText, names: ReadonlySet<string>): HeaderText {
  let rest = ''
  for (const cursor = new HeaderCursor(text); cursor.next();) {
    if (!names.has(cursor.name.toLowerCase())) rest += text.slice(cursor.start, cursor.end)
  }
  return rest
}

/** Goes through header lines one by one; what is not asked for is not taken out of the text. */
export class HeaderCursor {
  readonly #text: HeaderText
  /** Where the present line begins, and where the next one does. */
  start = 0
  end = 0
  /** Where the colon of the present line is. */
  colon = 0

  constructor(text: HeaderText) {
    this.#text = text
  }

  /** @returns false when there is no further line */
  next(): boolean {
    if (this.end >= this.#text.length) return false
    this.start = this.end
    this.end = this.#text.indexOf('\r\n', this.start) + 2
    this.colon = this.#text.indexOf(':', this.start)
    return true
  }

  get name(): string {
    return this.#text.slice(this.start, this.colon)
  }

  get value(): string {
    return this.#text.slice(this.colon + 2, this.end - 2)
  }
}
