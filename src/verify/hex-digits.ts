/** Value of a lower-case hex digit by its character code; -1 for every other ASCII character. */
export const hexDigits: Readonly<Int8Array> = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
)

/**
 * Eight lower-case hex digits of a text as a word of 32 bits.
 * @throws TypeError when they are anything else
 */
export function wordOf(hex: string, from: number): number {
  const a = digit(hex, from)
  const b = digit(hex, from + 1)
  const c = digit(hex, from + 2)
  const d = digit(hex, from + 3)
  const e = digit(hex, from + 4)
  const f = digit(hex, from + 5)
  const g = digit(hex, from + 6)
  const h = digit(hex, from + 7)
  if ((a | b | c | d | e | f | g | h) < 0) throw new TypeError('not hex digits where they must be')
  return (a << 28) | (b << 24) | (c << 20) | (d << 16) | (e << 12) | (f << 8) | (g << 4) | h
}

function digit(hex: string, at: number): number {
  return hexDigits[hex.charCodeAt(at)] ?? -1
}

const nothingElse = /^[0-9a-f]*$/

/** Is the text nothing but lower-case hex digits? */
export function isHex(text: string): boolean {
  return nothingElse.test(text)
}
