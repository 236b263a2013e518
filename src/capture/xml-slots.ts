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
  if (parts === undefined) return []
  return parts.flatMap((part, index) => {
    if (part.kind !== 'start') return []
    const inside = part.name === 'Redirect' && !part.isEmpty ? redirectSlot(text, parts, index) : undefined
    const slots = attributeSlots(part)
    return inside === undefined ? slots : [...slots, inside]
  })
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
  const opening = parts[at]
  const closing = parts.findIndex((part, index) => index > at && part.kind !== 'cdata')
  const end = parts[closing]
  if (opening === undefined || end?.kind !== 'end') return undefined
  const [cdata, ...more] = parts.slice(at + 1, closing)
  if (cdata === undefined) {
    return slotAt('Redirect', opening.end, text.slice(opening.end, end.start), (url) => encodeText(url, ''))
  }
  const beside = text.slice(opening.end, cdata.start) + text.slice(cdata.end, end.start)
  if (more.length > 0 || beside.trim() !== '' || cdata.kind !== 'cdata') return undefined
  return slotAt(
    'Redirect',
    cdata.textStart,
    cdata.text,
    (url) => url,
    (raw) => raw,
  )
}

function slotAt(
  name: string,
  start: number,
  raw: string,
  write: (url: string) => string,
  decode: (raw: string) => string | undefined = decodeEntities,
): Slot | undefined {
  const trimmed = raw.trim()
  const url = decode(trimmed)
  // Beyond ASCII the encoding of the document would have to be known.
  if (url === undefined || !/^[\x21-\x7e]+$/.test(url)) return undefined
  const from = start + raw.indexOf(trimmed)
  return { name, start: from, end: from + trimmed.length, url, write }
}
