/** Up to this size a body goes out as text of the same bytes, joined to the head in one write. */
export const ONE_WRITE_BYTES = 8192

/** The bytes of a body, one character each. */
export function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
