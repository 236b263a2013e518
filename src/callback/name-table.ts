import type { HeaderCursor, HeaderText } from './header-text.ts'

interface Entry<Value> {
  /** In lower case; of names that only have a prefix in common, that. */
  readonly name: string
  readonly value: Value
}

const LETTERS = 32
const MOST_LENGTH = 63
/**
 * Sets the bit that tells a small letter from a capital one. Digits and `-` have it already, and what would become one of
 * them by it is a control character, which no name has that came this far.
 */
const SMALL = 0x20

/**
 * Knows some names of headers, in any case, where they stand in a header text: a name is neither taken out of the text
 * nor hashed. Most names are none of those that are known, which their length and first letter tell.
 */
export class NameTable<Value> {
  readonly #entries: (readonly Entry<Value>[] | undefined)[] = Array.from({
    length: (MOST_LENGTH + 1) * LETTERS,
  })

  /**
   * @param names in lower case: letters, digits and `-`, less than 63 of them
   * @param prefixes of further names
   */
  constructor(names: Iterable<readonly [string, Value]>, prefixes: Iterable<readonly [string, Value]> = []) {
    for (const [name, value] of names) this.#add(name.length, { name, value })
    for (const [name, value] of prefixes) {
      for (let length = name.length; length <= MOST_LENGTH; length++) this.#add(length, { name, value })
    }
  }

  /** What the name of the present line stands for; undefined when it is none of those known. */
  of(text: HeaderText, { start, colon }: HeaderCursor): Value | undefined {
    const length = colon - start
    const entries = this.#entries[indexOf(length, text.charCodeAt(start))]
    if (entries === undefined) return undefined
    for (const { name, value } of entries) {
      if (begins(text, start, name)) return value
    }
    return undefined
  }

  #add(length: number, entry: Entry<Value>): void {
    const at = indexOf(length, entry.name.charCodeAt(0))
    this.#entries[at] = [...(this.#entries[at] ?? []), entry]
  }
}

function begins(text: HeaderText, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((text.charCodeAt(start + i) | SMALL) !== name.charCodeAt(i)) return false
  }
  return true
}

/** Upper and lower case of a letter differ in one bit above its number in the alphabet. */
function indexOf(length: number, first: number): number {
  return Math.min(length, MOST_LENGTH) * LETTERS + (first & (LETTERS - 1))
}
