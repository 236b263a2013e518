import { MaskedText, MASK_BYTES, maskPhoneValue } from './masked-text.ts'
import { type Sort, sortAt } from './names.ts'
import { maskPhones } from './phones.ts'

const jsonText = /"([^"\\]*(?:\\[^][^"\\]*)*)/y
const jsonNumber = /-?\d[\d.eE+-]*/y
const jsonItem = /"([^"\\]*(?:\\[^][^"\\]*)*)"?|\d+/g
const NAME_LIMIT = 256
const QUOTE = 34
const BACKSLASH = 92

/**
 * A JSON text with secrets, numbers and spoken input masked; the rest is left as it is. Goes from colon to colon, so
 * values that nobody needs to look at cost nothing; sees through one level of JSON inside a text (`\"name\":\"…\"`).
 */
export function redactJson(text: string): string {
  const masked = new MaskedText(text)
  for (
    let colon = text.indexOf(':');
    colon !== -1;
    colon = text.indexOf(':', Math.max(colon + 1, masked.done))
  ) {
    const sort = sortBefore(text, colon)
    if (sort !== 'plain') hideAfter(masked, text, colon + 1, sort)
  }
  return maskPhones(masked.result())
}

/** What the name in quotes before a colon stands for. */
function sortBefore(text: string, colon: number): Sort {
  let quote = colon - 1
  while (isSpace(text.charCodeAt(quote))) quote--
  if (text.charCodeAt(quote) !== QUOTE) return 'plain'
  const end = text.charCodeAt(quote - 1) === BACKSLASH ? quote - 1 : quote
  const least = Math.max(1, end - NAME_LIMIT)
  for (let start = end; start >= least; start--) {
    if (text.charCodeAt(start - 1) === QUOTE) return sortAt(text, start, end)
  }
  return 'plain'
}

/** Hides the text, list or number after a colon; one that is cut off reaches to the end. */
function hideAfter(masked: MaskedText, text: string, colonEnd: number, sort: Sort): void {
  let at = colonEnd
  while (isSpace(text.charCodeAt(at))) at++
  const first = text[at]
  if (first === '"') {
    jsonText.lastIndex = at
    jsonText.test(text)
    masked.hide(sort, at + 1, jsonText.lastIndex)
  } else if (first === '\\') {
    const from = text[at + 1] === '"' ? at + 2 : at + 1
    masked.hide(sort, from, endAt(text, '\\"', from))
  } else if (first === '[') {
    const end = endAt(text, ']', at)
    masked.replace(at, end, hiddenList(sort, text.slice(at, end)))
  } else {
    jsonNumber.lastIndex = at
    if (jsonNumber.test(text)) hideNumber(masked, text, at, sort)
  }
}

function hideNumber(masked: MaskedText, text: string, at: number, sort: Sort): void {
  const value = text.slice(at, jsonNumber.lastIndex)
  const hidden = hiddenItem(sort, value)
  if (hidden !== value) masked.replace(at, at + value.length, `"${hidden}"`)
}

function hiddenList(sort: Sort, list: string): string {
  return list.replace(
    jsonItem,
    (item: string, inner: string | undefined) => `"${hiddenItem(sort, inner ?? item)}"`,
  )
}

function hiddenItem(sort: Sort, value: string): string {
  if (sort === 'phone') return maskPhoneValue(value)
  return value === '' ? value : MASK_BYTES
}

function endAt(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length : found
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}
