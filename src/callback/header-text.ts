/*
 * Headers as one text: `Name: value` and a line end for each, in the order and case they came, one byte a character
 * (Latin-1). As they arrive, as they are sent and as they are kept are mostly the same bytes, so most headers are never
 * taken apart.
 */

/** Header lines as one text; see above. */
export type HeaderText = string

/** @param pairs names and values in turn */
export function headerTextOf(pairs: readonly string[]): HeaderText {
  let text = ''
  for (let i = 0; i + 1 < pairs.length; i += 2) text += `${pairs[i] ?? ''}: ${pairs[i + 1] ?? ''}\r\n`
  return text
}

/** Names and values in turn. */
export function headerPairsOf(text: HeaderText): string[] {
  const pairs: string[] = []
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    const colon = text.indexOf(':', at)
    pairs.push(text.slice(at, colon), text.slice(colon + 2, end))
    at = end + 2
  }
  return pairs
}
