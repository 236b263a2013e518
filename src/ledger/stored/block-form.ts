/*
 * All messages of one batch lie in one block, compressed together: they resemble each other. Its form, little-endian:
 *   u8 1, then each message:
 *     u32 bytes of this message, these included
 *     u32 length of the whole body, of which less may be kept
 *     u32 where its header text ends, counted from the start of the message
 *     u8 flags
 *     header text (callback/header-text.ts), body, both redacted as the policy said, masks in UTF-8
 * Blocks of the form before it hold one JSON text a line and so begin with a bracket.
 */

/** A block as it lies in the ledger. */
export interface StoredBlock {
  readonly data: Uint8Array
  readonly isPacked: boolean
}

/** The first byte of a block that is not packed, or was unpacked. */
export const FORM: Uint8Array = Uint8Array.of(1)
/** Bytes of a message in front of its header text. */
export const HEAD = 13

/** The values of the first two are those of the form before as well. */
export const messageFlag = { isTruncated: 1, isRedacted: 2, hasBody: 4 } as const
