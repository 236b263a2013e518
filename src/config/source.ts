import { LineCounter, parseDocument } from 'yaml'

import { type Places, placesIn, type Position, positionAt } from './places.ts'

/** A configuration file as a value, with the place of everything in it. */
export interface Source {
  /** Plain data; an empty file reads as an empty mapping. */
  readonly value: unknown
  /** Where the file is not YAML. */
  readonly faults: readonly (Position & { readonly message: string })[]
  readonly places: Places
}

/** Aliases may repeat a little, but not blow up a small file into a huge one. */
const MAX_ALIASES = 100

/** Reads YAML 1.2. Never throws. */
export function readSource(text: string): Source {
  const lines = new LineCounter()
  // Pretty errors would quote the file, and with it the credentials of a URL.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const faults = [...document.errors, ...document.warnings].map(({ pos, code }) => {
    const { line, column } = positionAt(lines, pos[0])
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
  return { value: value ?? {}, faults, places: placesIn(document, lines) }
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
