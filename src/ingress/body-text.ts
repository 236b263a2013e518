/** Up to this size a body goes out as text of the same bytes, joined to the head in one write. */
export const ONE_WRITE_BYTES = 8192

/** The bytes of a body, one character each. */
export function latin1(bytes: Uint8Array): string {
  if (bytes instanceof Buffer) return bytes.toString('latin1')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
