import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

import type { FieldPath } from './problem.ts'

/** Counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A configuration file as a value, with the place of everything in it. */
export interface Source {
  /** Plain data; an empty file reads as an empty mapping. */
  readonly value: unknown
  /** Where the file is not YAML. */
  readonly faults: readonly (Position & { readonly message: string })[]
  /** Where a setting begins: its key if it has one; of a setting that is not there, the nearest thing around it. */
  readonly positionOf: (path: FieldPath) => Position
}

/** Aliases may repeat a little, but not blow up a small file into a huge one. */
const MAX_ALIASES = 100

/** Reads YAML 1.2. Never throws. */
export function readSource(text: string): Source {
  const lines = new LineCounter()
  // Pretty errors would quote the file, and with it the credentials of a URL.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const faults = [...document.errors, ...document.warnings].map(({ pos, code }) => {
    const { line, column } = at(pos[0])
    return { line, column, message: faultText(code) }
  })
  let value: unknown
  if (faults.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES })
    } catch {
      faults.push({ line: 1, column: 1, message: 'uses aliases too often or in a circle' })
    }
  }
  return { value: value ?? {}, faults, positionOf: (path) => at(offsetOf(document, path)) }
}

/** In words of our own: the parser's quote the file. */
function faultText(code: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands here twice; keep one of the two'
    case 'TAB_AS_INDENT':
      return 'a tab stands in the indentation; use blanks'
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; write everything into one'
    case 'BAD_INDENT':
      return 'is not valid YAML: the indentation does not fit the lines above'
    case 'MISSING_CHAR':
      return 'is not valid YAML: a colon, comma, quote or bracket is missing'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'is not valid YAML: a second colon stands in this line; put the value in quotes'
    default:
      return `is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`
  }
}

function offsetOf(document: Document, path: FieldPath): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(step))
      if (pair === undefined) return offset
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step]
      offset = startOf(node) ?? offset
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}
