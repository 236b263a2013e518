import type { Variant } from './url-variants.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The bodies that the sender may have signed: as it came first, then the forms in which other programs would have
 * written the same content. Something on the way that parses a body and writes it again turns one into another.
 */
export function bodyVariants(body: Uint8Array): readonly Variant<Uint8Array>[] {
  const found = new Map<string, string>()
  const text = textOf(body)
  if (text !== undefined) {
    for (const [how, other] of rewritten(text)) if (other !== text && !found.has(other)) found.set(other, how)
  }
  return [
    { value: body, differences: [] },
    ...[...found].map(([other, how]) => ({
      value: Buffer.from(other),
      differences: [{ code: 'body', how } as const],
    })),
  ]
}

function* rewritten(text: string): Generator<readonly [how: string, text: string]> {
  yield ['with a line break at its end', `${text}\n`]
  yield ['without the white space around it', text.trim()]
  yield ['with line breaks of one character', text.replaceAll('\r\n', '\n')]
  const parsed = jsonOf(text)
  if (parsed !== undefined) yield* jsonForms(parsed.value)
  else if (text.includes('=')) yield* formForms(text)
}

function* jsonForms(value: unknown): Generator<readonly [how: string, text: string]> {
  const compact = JSON.stringify(value)
  yield ['as compact JSON', compact]
  yield ['as compact JSON with escaped slashes', compact.replaceAll('/', '\\/')]
  yield ['as JSON with characters beyond ASCII escaped', escaped(compact)]
  const spaced = pythonText(value)
  yield ['as JSON with a blank after each comma and colon', spaced]
  yield ['as JSON with such blanks and characters beyond ASCII escaped', escaped(spaced)]
  yield ['as indented JSON', JSON.stringify(value, undefined, 2)]
  yield ['as indented JSON', JSON.stringify(value, undefined, 4)]
  const sorted = withSortedKeys(value)
  yield ['as compact JSON with sorted keys', JSON.stringify(sorted)]
  yield ['as JSON with sorted keys and a blank after each comma and colon', pythonText(sorted)]
}

function* formForms(text: string): Generator<readonly [how: string, text: string]> {
  const fields = new URLSearchParams(text)
  yield ['as a form with blanks written as +', fields.toString()]
  yield ['as a form with blanks written as %20', fields.toString().replaceAll('+', '%20')]
  const sorted = new URLSearchParams(fields)
  sorted.sort()
  yield ['as a form with sorted fields', sorted.toString()]
}

/** As Python's json.dumps writes by default. */
function pythonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonText(item)}`)
  return `{${members.join(', ')}}`
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, withSortedKeys(item)]))
}

/** Undefined for what no reader would write again: no JSON, or nested beyond reason. */
function jsonOf(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text) || (text.match(/[[{]/g)?.length ?? 0) > 2000) return undefined
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return decoder.decode(body)
  } catch {
    return undefined
  }
}
