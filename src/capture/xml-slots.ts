import type { Slot } from './slot.ts'
import { decodeEntities, encodeText } from './xml-entities.ts'
import { type Part, partsOf, type StartTag } from './xml-parts.ts'

/** Attributes whose URL the platform requests during a call (https://vobiz.ai/docs, XML reference). */
const callbackAttributes: ReadonlySet<string> = new Set([
  'action',
  'callbackUrl',
  'statusCallbackUrl',
  'transcriptionUrl',
  'interimSpeechResultsCallback',
])
/** Attributes that may hold a keyword instead of a URL, such as `real`. */
const soundAttributes: ReadonlySet<string> = new Set(['waitSound', 'confirmSound', 'dialMusic'])

/**
 * Where the callback URLs of an XML answer stand, in the order of the text. None when the document is not well-formed
 * as far as this has to know, or declares entities of its own.
 *
 * @param text the document, one character a byte
 */
export function xmlSlots(text: string): readonly Slot[] {
  const parts = partsOf(text)
  const slots: Slot[] = []
  for (const [index, part] of parts?.entries() ?? []) {
    if (part.kind !== 'start') continue
    slots.push(...attributeSlots(part))
    const inside = part.name === 'Redirect' ? redirectSlot(text, parts ?? [], index) : undefined
    if (inside !== undefined) slots.push(inside)
  }
  return slots
}

function attributeSlots({ attributes }: StartTag): readonly Slot[] {
  return attributes.flatMap(({ name, start, raw, quote }) => {
    const isSound = soundAttributes.has(name)
    if (!isSound && !callbackAttributes.has(name)) return []
    const slot = slotAt(name, start, raw, (url) => encodeText(url, quote))
    return slot === undefined || (isSound && !isSoundUrl(slot.url)) ? [] : slot
  })
}

/** A media file is fetched like one of `<Play>`; only documents are part of the call's flow. */
function isSoundUrl(url: string): boolean {
  return /^(?:https?:|\.{0,2}\/)/i.test(url) && !/\.(?:mp3|wav|ogg|m4a|aac|ulaw)(?:[?#]|$)/i.test(url)
}

/** The URL between `<Redirect>` and `</Redirect>`, as text or as one CDATA section, and nothing beside it. */
function redirectSlot(text: string, parts: readonly Part[], at: number): Slot | undefined {
  const [opening, inner, after] = parts.slice(at, at + 3)
  if (opening?.kind !== 'start' || opening.isEmpty) return undefined
  if (inner?.kind === 'end') {
    return slotAt('Redirect', opening.end, text.slice(opening.end, inner.start), (url) => encodeText(url, ''))
  }
  if (inner?.kind !== 'cdata' || after?.kind !== 'end') return undefined
  const beside = text.slice(opening.end, inner.start) + text.slice(inner.end, after.start)
  return beside.trim() === '' ? plainSlotAt('Redirect', inner.textStart, inner.text, (url) => url) : undefined
}

function slotAt(name: string, start: number, raw: string, write: (url: string) => string): Slot | undefined {
  const url = decodeEntities(raw.trim())
  const slot = plainSlotAt(name, start, raw, write)
  return url === undefined || slot === undefined ? undefined : { ...slot, url }
}

/** A slot whose URL needs no decoding. */
function plainSlotAt(
  name: string,
  start: number,
  raw: string,
  write: (url: string) => string,
): Slot | undefined {
  const url = raw.trim()
  // Beyond ASCII the encoding of the document would have to be known.
  if (!/^[\x21-\x7e]+$/.test(url)) return undefined
  const from = start + raw.indexOf(url)
  return { name, start: from, end: from + url.length, url, write }
}
