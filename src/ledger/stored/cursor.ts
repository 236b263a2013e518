/** Where a page ended, as an opaque text: the id of its last row. */
export function cursorOf(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url')
}

/** The id a cursor stands for; undefined when it is not a cursor. */
export function idOfCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, 'base64url').toString('latin1')
  return /^[0-9A-Za-z_-]{1,64}$/.test(id) ? id : undefined
}
