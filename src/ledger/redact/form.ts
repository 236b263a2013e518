import { MaskedText } from './masked-text.ts'
import { type Sort, sortAt, sortOf } from './names.ts'
import { maskPhones } from './phones.ts'

const NAME_LIMIT = 256

/**
 * A form body or query (with or without its `?`) with secrets, numbers and spoken input masked. Goes from `=` to `=`;
 * a value that nobody needs to look at may hold the query of another URL, which is seen as well.
 */
export function redactForm(text: string): string {
  const masked = new MaskedText(text)
  for (
    let equals = text.indexOf('=');
    equals !== -1;
    equals = text.indexOf('=', Math.max(equals + 1, masked.done))
  ) {
    const sort = sortBefore(text, equals)
    if (sort !== 'plain') masked.hide(sort, equals + 1, valueEnd(text, equals + 1))
  }
  return maskPhones(masked.result())
}

/** What the name before an equals sign stands for. */
function sortBefore(text: string, equals: number): Sort {
  const least = Math.max(0, equals - NAME_LIMIT)
  let start = equals
  let isEscaped = false
  while (start > least) {
    const code = text.charCodeAt(start - 1)
    if (code === 61 || isBoundary(code)) break
    if (code === 37) isEscaped = true
    start--
  }
  if (start === equals) return 'plain'
  if (start > 0 && !isBoundary(text.charCodeAt(start - 1))) return 'plain'
  return isEscaped ? sortOf(decoded(text.slice(start, equals))) : sortAt(text, start, equals)
}

function valueEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && !endsValue(text.charCodeAt(end))) end++
  return end
}

/** One of & ? ; and of what ends a value. Only ASCII: a text may be bytes, and every other space is several of them. */
function isBoundary(code: number): boolean {
  return code === 63 || code === 59 || endsValue(code)
}

/** An ampersand, a space or a quote. */
function endsValue(code: number): boolean {
  return code === 38 || code === 32 || code === 34 || code === 39 || (code >= 9 && code <= 13)
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
