import type { Resource } from './api-resources.ts'
import { type Member, membersOf } from './json-members.ts'
import type { Slot } from './slot.ts'

/** A URL that needs no escapes in JSON, and that every reader takes for the same one. */
const plainUrl = /^"(https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+)"$/i

/**
 * Where the callback URLs of a request body stand, in the order of the text. None when the body is not what it says
 * it is, or is ambiguous.
 *
 * @param text the body, one character a byte
 */
export function bodySlots(text: string, contentType: string, resource: Resource): readonly Slot[] {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType)
    ? formSlots(text, resource)
    : jsonSlots(text, resource)
}

/**
 * Where the direct handler can be written for a fallback URL that is empty: then calls survive also when nothing
 * answers at the captured URL. Undefined where there is no such place, or another fallback.
 */
export function fallbackSlot(text: string, resource: Resource): Slot | undefined {
  const { fallback } = resource
  const members = fallback === undefined ? undefined : membersOf(text)
  if (fallback === undefined || members === undefined) return undefined
  const answer = members.get(fallback.of)
  const url = answer === undefined ? undefined : urlOf(answer)
  if (answer === undefined || url === undefined) return undefined
  const own = members.get(fallback.field)
  if (own === undefined) {
    if (!fallback.isNew) return undefined
    const write = (direct: string): string => `,${JSON.stringify(fallback.field)}:${JSON.stringify(direct)}`
    return { name: fallback.field, start: answer.end, end: answer.end, url, write }
  }
  const isEmpty = own.raw === 'null' || own.raw === '""'
  return isEmpty ? { name: fallback.field, start: own.start, end: own.end, url, write: quoted } : undefined
}

function jsonSlots(text: string, { fields }: Resource): readonly Slot[] {
  const members = membersOf(text)
  if (members === undefined) return []
  return fields
    .flatMap((name) => {
      const member = members.get(name)
      const url = member === undefined ? undefined : urlOf(member)
      if (member === undefined || url === undefined) return []
      return { name, start: member.start, end: member.end, url, write: quoted }
    })
    .toSorted((one, other) => one.start - other.start)
}

function urlOf({ raw }: Member): string | undefined {
  return plainUrl.exec(raw)?.[1]
}

function quoted(url: string): string {
  return JSON.stringify(url)
}

function formSlots(text: string, { fields }: Resource): readonly Slot[] {
  const slots: Slot[] = []
  let start = 0
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=')
    const name = decoded(pair.slice(0, Math.max(0, equals)))
    if (name !== undefined && fields.includes(name)) {
      const url = decoded(pair.slice(equals + 1))
      if (url === undefined || slots.some((slot) => slot.name === name)) return []
      const [from, end] = [start + equals + 1, start + pair.length]
      slots.push({ name, start: from, end, url, write: encodeURIComponent })
    }
    start += pair.length + 1
  }
  return slots.filter(({ url }) => plainUrl.test(`"${url}"`))
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
