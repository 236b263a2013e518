/** One attribute as it stands in the text, without its quotes. */
interface Attribute {
  readonly name: string
  readonly start: number
  readonly raw: string
  readonly quote: '"' | "'"
}

export interface StartTag {
  readonly kind: 'start'
  readonly start: number
  readonly end: number
  readonly name: string
  readonly attributes: readonly Attribute[]
  /** `<Hangup/>` */
  readonly isEmpty: boolean
}

export type Part =
  | StartTag
  | { readonly kind: 'end'; readonly start: number; readonly end: number; readonly name: string }
  | {
      readonly kind: 'cdata'
      readonly start: number
      readonly end: number
      readonly textStart: number
      readonly text: string
    }
  | { readonly kind: 'other'; readonly start: number; readonly end: number }

const CDATA = '<![CDATA['
const startOfTag = /<([A-Za-z_][\w.:-]*)/y
const attributeForm = /\s+([A-Za-z_:][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const endOfTag = /\s*(\/?)>/y
const endTag = /<\/([A-Za-z_][\w.:-]*)\s*>/y

/**
 * The markup of an XML document, in order (https://www.w3.org/TR/xml/). Undefined when tags do not match, when there
 * is not exactly one root, or when there is a DOCTYPE: what could be meant then is not for us to guess.
 * Takes time in proportion to the length of the text.
 */
export function partsOf(text: string): readonly Part[] | undefined {
  const parts: Part[] = []
  const open: string[] = []
  let roots = 0
  for (let at = text.indexOf('<'); at !== -1;) {
    const part = partAt(text, at)
    if (part === undefined) return undefined
    if (part.kind === 'start') {
      if (open.length === 0) roots++
      if (!part.isEmpty) open.push(part.name)
    } else if (part.kind === 'end' && open.pop() !== part.name) return undefined
    parts.push(part)
    at = text.indexOf('<', part.end)
  }
  return open.length === 0 && roots === 1 ? parts : undefined
}

function partAt(text: string, start: number): Part | undefined {
  if (text.startsWith('</', start)) {
    endTag.lastIndex = start
    const match = endTag.exec(text)
    return match === null ? undefined : { kind: 'end', start, end: endTag.lastIndex, name: match[1] ?? '' }
  }
  if (text.startsWith('<!--', start)) return otherAt(text, start, start + 4, '-->')
  if (text.startsWith('<?', start)) return otherAt(text, start, start + 2, '?>')
  if (!text.startsWith(CDATA, start)) return tagAt(text, start)
  const textStart = start + CDATA.length
  const end = text.indexOf(']]>', textStart)
  if (end === -1) return undefined
  return { kind: 'cdata', start, end: end + 3, textStart, text: text.slice(textStart, end) }
}

function otherAt(text: string, start: number, from: number, closing: string): Part | undefined {
  const end = text.indexOf(closing, from)
  return end === -1 ? undefined : { kind: 'other', start, end: end + closing.length }
}

function tagAt(text: string, start: number): StartTag | undefined {
  startOfTag.lastIndex = start
  const name = startOfTag.exec(text)?.[1]
  if (name === undefined) return undefined
  let at = startOfTag.lastIndex
  const attributes: Attribute[] = []
  for (;;) {
    attributeForm.lastIndex = at
    const match = attributeForm.exec(text)
    if (match === null) break
    at = attributeForm.lastIndex
    const quote = match[2] === undefined ? "'" : '"'
    const raw = match[2] ?? match[3] ?? ''
    attributes.push({ name: match[1] ?? '', start: at - 1 - raw.length, raw, quote })
  }
  endOfTag.lastIndex = at
  const closing = endOfTag.exec(text)
  if (closing === null || hasRepeats(attributes)) return undefined
  return { kind: 'start', start, end: endOfTag.lastIndex, name, attributes, isEmpty: closing[1] === '/' }
}

function hasRepeats(attributes: readonly Attribute[]): boolean {
  return attributes.length > 1 && new Set(attributes.map(({ name }) => name)).size < attributes.length
}
