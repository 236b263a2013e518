const LONGEST = 2000

/**
 * Characters that move the cursor, change colours, reorder or hide text: control characters (C0, DEL, C1), line and
 * paragraph separators, marks of direction (https://www.unicode.org/reports/tr9), zero-width blanks, tag characters,
 * halves of a surrogate pair.
 */
const hostile =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** A text from outside as it may stand in one line of a terminal: what is hostile is shown as `\u{…}`, what is long is cut. */
export function oneLine(text: string, longest: number = LONGEST): string {
  const chars = text.length > longest * 2 ? text.slice(0, longest * 2) : text
  const clean = chars.replaceAll(hostile, escaped)
  const shown = Array.from(clean)
  return shown.length > longest ? `${shown.slice(0, longest - 1).join('')}…` : clean
}

/** The same for a text that has lines, such as a body; line breaks stay. */
export function manyLines(text: string, longest: number = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return cut
    .split(/\r?\n/)
    .map((line) => oneLine(line, longest))
    .join('\n')
}

/** A value as one line of JSON. What JSON leaves as it is and a terminal does not is escaped: the same value, safe to look at. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(hostile, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}
