const DECLARED = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/
/** A declaration that is longer than this is nobody's. */
const HEAD_BYTES = 200

/** The text of an XML document in the encoding that its mark or declaration names, UTF-8 without; undefined when it is not in that encoding. */
export function readText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Appendix F of https://www.w3.org/TR/xml/: the mark comes first, then the declaration. */
function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1').replace('\u00ef\u00bb\u00bf', '')
  return DECLARED.exec(head)?.[1] ?? 'utf-8'
}
