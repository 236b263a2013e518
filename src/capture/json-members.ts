/** One member of an object as it stands in the text. */
export interface Member {
  /** Offsets of the value, without the blanks around it. */
  readonly start: number
  readonly end: number
  /** The value as it is written. */
  readonly raw: string
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g

/**
 * Where the members of a JSON object stand (https://www.rfc-editor.org/rfc/rfc8259). Undefined when the text is
 * anything else, or names a member twice: then nobody can say which of the two the reader will take.
 */
export function membersOf(text: string): ReadonlyMap<string, Member> | undefined {
  if (!isObject(text)) return undefined
  const members = new Map<string, Member>()
  let key = ''
  let valueFrom = -1
  for (const { found, index } of topLevelTokens(text)) {
    if (valueFrom === -1) {
      if (found === ':') valueFrom = index + 1
      else if (found.startsWith('"')) key = String(JSON.parse(found))
    } else if (found === ',' || found === '}') {
      if (members.has(key)) return undefined
      members.set(key, memberAt(text, valueFrom, index))
      valueFrom = -1
    }
  }
  return members
}

/** Strings and punctuation of the object itself, without those of what it holds. */
function* topLevelTokens(text: string): Generator<{ readonly found: string; readonly index: number }> {
  let depth = 0
  for (const { 0: found, index } of text.matchAll(token)) {
    if (depth === 1) yield { found, index }
    if (found === '{' || found === '[') depth++
    else if (found === '}' || found === ']') depth--
  }
}

function isObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  } catch {
    return false
  }
}

function memberAt(text: string, from: number, to: number): Member {
  const whole = text.slice(from, to)
  const raw = whole.trim()
  const start = from + whole.indexOf(raw)
  return { start, end: start + raw.length, raw }
}
