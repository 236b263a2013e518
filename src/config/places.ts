import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

import type { FieldPath } from './problem.ts'

/** Counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Words of one place: the number of its key, the offset where it begins, and where what lies in it begins and how much that is. */
const WORDS = 4
/** Instead of the number of a key: an entry of a list. */
const ITEM = 0xffffffff

/**
 * Where everything in a file stands. It is asked for as long as the configuration is in force; the document that it was
 * read from takes more than ten times as much.
 */
export class Places {
  readonly #keys: ReadonlyMap<string, number>
  readonly #words: Uint32Array
  readonly #lines: LineCounter

  constructor(keys: ReadonlyMap<string, number>, words: Uint32Array, lines: LineCounter) {
    this.#keys = keys
    this.#words = words
    this.#lines = lines
  }

  /** Where a setting begins: its key if it has one; of a setting that is not there, the nearest thing around it. */
  positionOf(path: FieldPath): Position {
    let place = 0
    for (const step of path) {
      const inner = this.#within(place, step)
      if (inner === undefined) break
      place = inner
    }
    return positionAt(this.#lines, this.#word(place, 1))
  }

  /** Does the file say anything of it? */
  has(path: FieldPath): boolean {
    let place: number | undefined = 0
    for (const step of path) {
      place = this.#within(place, step)
      if (place === undefined) return false
    }
    return true
  }

  #within(place: number, step: string | number): number | undefined {
    const first = this.#word(place, 2)
    const end = first + this.#word(place, 3)
    if (first === end) return undefined
    if (this.#word(first, 0) === ITEM)
      return typeof step === 'number' && first + step < end ? first + step : undefined
    const key = this.#keys.get(String(step))
    if (key === undefined) return undefined
    for (let inner = first; inner < end; inner += 1) if (this.#word(inner, 0) === key) return inner
    return undefined
  }

  #word(place: number, word: number): number {
    return this.#words[place * WORDS + word] ?? 0
  }
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** @param lines those of the document, from its parser */
export function placesIn(document: Document, lines: LineCounter): Places {
  const walk = new Walk()
  walk.add(ITEM, startOf(document.contents) ?? 0, document.contents)
  for (let place = 0; place < walk.nodes.length; place += 1) {
    const node = walk.nodes[place]
    walk.enter(place, isAlias(node) ? node.resolve(document) : node)
  }
  return new Places(walk.keys, Uint32Array.from(walk.words), lines)
}

/** Goes through a document by levels: what lies in one place stands in a row, so that entries of lists are found by number. */
class Walk {
  readonly keys = new Map<string, number>()
  readonly words: number[] = []
  readonly nodes: unknown[] = []
  /** Of each node that something lies in; aliases of it lead to the same. */
  readonly #insides = new Map<unknown, { readonly first: number; readonly count: number }>()

  add(key: number, offset: number, node: unknown): void {
    this.words.push(key, offset, 0, 0)
    this.nodes.push(node)
  }

  enter(place: number, node: unknown): void {
    if (!isMap(node) && !isSeq(node)) return
    let inside = this.#insides.get(node)
    if (inside === undefined) {
      const first = this.nodes.length
      this.#addInside(node, this.words[place * WORDS + 1] ?? 0)
      inside = { first, count: this.nodes.length - first }
      this.#insides.set(node, inside)
    }
    this.words[place * WORDS + 2] = inside.first
    this.words[place * WORDS + 3] = inside.count
  }

  /** @param around where that begins which it lies in */
  #addInside({ items }: YAMLMap | YAMLSeq, around: number): void {
    for (const item of items) {
      if (!isPair(item)) this.add(ITEM, startOf(item) ?? around, item)
      else if (isScalar(item.key))
        this.add(this.#numberOf(String(item.key.value)), startOf(item.key) ?? around, item.value)
    }
  }

  #numberOf(key: string): number {
    const known = this.keys.get(key)
    if (known !== undefined) return known
    this.keys.set(key, this.keys.size)
    return this.keys.size - 1
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}
