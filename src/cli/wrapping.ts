/** Places that a text takes in a terminal. Combining marks take none; wide letters count as one, which only bends their own line. */
export function widthOf(text: string): number {
  return Array.from(text.replaceAll(/\p{Mark}/gu, '')).length
}

/** A text in lines of at most a width, broken between words; a longer word is broken where the line ends. */
export function wrapped(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text]
  const most = Math.max(1, width)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= most) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = piecesOf(word, most)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ''
  }
  return line === '' ? lines : [...lines, line]
}

/** A text behind its name: lines after the first begin where the text began. */
export function hanging(name: string, text: string, width: number): string {
  const blank = ' '.repeat(widthOf(name))
  return wrapped(text, width - widthOf(name))
    .map((line, at) => (at === 0 ? name : blank) + line)
    .join('\n')
}

/** The text as it fits into one line; `…` stands for what does not. */
export function clipped(text: string, width: number): string {
  const most = Math.max(1, width)
  return widthOf(text) <= most ? text : `${piecesOf(text, most - 1)[0] ?? ''}…`
}

function piecesOf(text: string, most: number): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const char of text) {
    if (widthOf(piece + char) > most) {
      pieces.push(piece)
      piece = ''
    }
    piece += char
  }
  return [...pieces, piece]
}
