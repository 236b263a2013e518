import type { FieldTable, FieldValues } from './field-table.ts'

const QUOTE = 0x22
const SPACE = 0x20
const COLON = 0x3a
const COMMA = 0x2c
const OPEN = 0x7b
const CLOSE = 0x7d
/** Everything that is no string and holds nothing (RFC 8259 §3, §6). */
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Takes the wanted fields out of one flat JSON object (RFC 8259) without making anything of the others. Of a name that
 * stands there twice the last one counts, as with `JSON.parse`, which makes an object of them all. Only in one thing is
 * less asked for: control characters may stand in a string.
 *
 * @returns false for everything else: nested values, escapes, line breaks between fields and what is no JSON; `found` may
 *   hold some fields then
 */
export function readFlatJson(text: string, table: FieldTable, found: FieldValues): boolean {
  if (text.includes('\\')) return false
  let at = pastSpaces(text, 0)
  if (text.charCodeAt(at) !== OPEN) return false
  at = pastSpaces(text, at + 1)
  if (text.charCodeAt(at) === CLOSE) return pastSpaces(text, at + 1) === text.length
  for (;;) {
    const nameEnd = stringEnd(text, at)
    if (nameEnd === -1) return false
    const number = table.numberAt(text, at + 1, nameEnd - 1)
    at = pastSpaces(text, nameEnd)
    if (text.charCodeAt(at) !== COLON) return false
    at = pastSpaces(text, at + 1)
    const end = valueEnd(text, at)
    if (end === -1) return false
    if (number !== -1) found[number] = valueOf(text, at, end)
    at = pastSpaces(text, end)
    const next = text.charCodeAt(at)
    if (next === CLOSE) return pastSpaces(text, at + 1) === text.length
    if (next !== COMMA) return false
    at = pastSpaces(text, at + 1)
  }
}

function pastSpaces(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === SPACE) at += 1
  return at
}

/** Where the string that begins here has ended; -1 when none does. */
function stringEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return -1
  const quote = text.indexOf('"', at + 1)
  return quote === -1 ? -1 : quote + 1
}

/** Where the value that begins here has ended; -1 when it is none, or nested. */
function valueEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return stringEnd(text, at)
  SCALAR.lastIndex = at
  return SCALAR.test(text) ? SCALAR.lastIndex : -1
}

function valueOf(text: string, at: number, end: number): string | null {
  if (text.charCodeAt(at) === QUOTE) return text.slice(at + 1, end - 1)
  const number = Number(text.slice(at, end))
  return Number.isNaN(number) ? null : String(number)
}
