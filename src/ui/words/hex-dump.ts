const PER_LINE = 16
/** A screen shows a few hundred lines; whoever needs more takes the export. */
const MOST_BYTES = 4096

/** Bytes as offset, hexadecimal and text, sixteen to a line; what is no plain letter is a dot. */
export function hexDump(text: string): { readonly dump: string; readonly isCut: boolean } {
  const bytes = new TextEncoder().encode(text)
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, MOST_BYTES); at += PER_LINE) {
    const slice = [...bytes.subarray(at, Math.min(at + PER_LINE, MOST_BYTES))]
    const hex = slice.map((byte) => byte.toString(16).padStart(2, '0'))
    const letters = slice.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    const left = hex
      .slice(0, PER_LINE / 2)
      .join(' ')
      .padEnd(23)
    const right = hex
      .slice(PER_LINE / 2)
      .join(' ')
      .padEnd(23)
    lines.push(`${at.toString(16).padStart(6, '0')}  ${left}  ${right}  ${letters.join('')}`)
  }
  return { dump: lines.join('\n'), isCut: bytes.length > MOST_BYTES }
}
