/** One place in a text that holds a callback URL, and how a URL is written there. */
export interface Slot {
  /** Name of the field or attribute. */
  readonly name: string
  /** Offsets in the text; the same where something may be inserted. */
  readonly start: number
  readonly end: number
  /** The URL as it is meant, without the escapes of the format. */
  readonly url: string
  /** A URL as it must be written at this place. */
  readonly write: (url: string) => string
}

/** The text with other URLs in some of its slots; everything else stays as it is. Slots are in the order of the text. */
export function fillSlots(
  text: string,
  slots: readonly Slot[],
  replacementOf: (slot: Slot) => string | undefined,
): string {
  let filled = ''
  let from = 0
  for (const slot of slots) {
    const replacement = replacementOf(slot)
    if (replacement === undefined) continue
    filled += text.slice(from, slot.start) + slot.write(replacement)
    from = slot.end
  }
  return from === 0 && filled === '' ? text : filled + text.slice(from)
}
