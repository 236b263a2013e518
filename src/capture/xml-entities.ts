const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const reference = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([A-Za-z]+));/g

/** The text that an XML text or attribute stands for (https://www.w3.org/TR/xml/#sec-references); undefined when it is not one. */
export function decodeEntities(raw: string): string | undefined {
  if (!raw.includes('&')) return raw
  if (raw.replace(reference, '').includes('&')) return undefined
  const unknown: string[] = []
  const text = raw.replace(reference, (found, decimal?: string, hex?: string, name?: string) => {
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal)
    const char = name === undefined ? charOf(code) : named[name]
    if (char === undefined) unknown.push(found)
    return char ?? found
  })
  return unknown.length === 0 ? text : undefined
}

/** A text as it is written between tags, or in an attribute with this quote. */
export function encodeText(text: string, quote: '"' | "'" | ''): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  if (quote === '') return escaped.replaceAll(']]>', ']]&gt;')
  return quote === '"' ? escaped.replaceAll('"', '&quot;') : escaped.replaceAll("'", '&apos;')
}

function charOf(code: number): string | undefined {
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined
}
