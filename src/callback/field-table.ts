/**
 * What is known of the wanted fields, each at the number its name has in a table: its text, or null where it is there but
 * is neither text nor number. Fields that are not there stay undefined.
 */
export type FieldValues = (string | null | undefined)[]

interface Entry {
  readonly name: string
  readonly number: number
}

const LETTERS = 32

/**
 * Numbers the names of the fields that are wanted, and finds them where they stand in a text: a name that nobody wants,
 * which most are, is told by its length and first letter and never taken out of the text.
 */
export class FieldTable {
  readonly names: readonly string[]
  readonly #longest: number
  readonly #entries: (readonly Entry[] | undefined)[]
  readonly #none: FieldValues

  constructor(names: Iterable<string>) {
    this.names = [...new Set(names)]
    this.#none = this.names.map(() => undefined)
    this.#longest = Math.max(...this.names.map(({ length }) => length))
    this.#entries = Array.from({ length: (this.#longest + 1) * LETTERS })
    for (const [number, name] of this.names.entries()) {
      const at = indexOf(name.length, name.charCodeAt(0))
      this.#entries[at] = [...(this.#entries[at] ?? []), { name, number }]
    }
  }

  /** The number of a name; -1 when it is not wanted. */
  numberOf(name: string): number {
    return this.numberAt(name, 0, name.length)
  }

  /** The number of the name that stands between two places of a text; -1 when it is not wanted. */
  numberAt(text: string, start: number, end: number): number {
    if (end - start > this.#longest) return -1
    const entries = this.#entries[indexOf(end - start, text.charCodeAt(start))]
    if (entries === undefined) return -1
    for (const { name, number } of entries) {
      if (text.startsWith(name, start)) return number
    }
    return -1
  }

  /** Room for the values of one callback. */
  values(): FieldValues {
    return this.#none.slice()
  }
}

function indexOf(length: number, first: number): number {
  return length * LETTERS + (first & (LETTERS - 1))
}
