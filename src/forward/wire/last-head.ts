import type { ReplyHead } from './reply-head.ts'

/**
 * The head that the last reply of an origin began with. A handler answers most callbacks alike, and within the second
 * that its `Date` names to the byte: such a head is not read again, and whoever made something of it finds it by the
 * object.
 */
export class LastHead {
  #bytes: Buffer = Buffer.alloc(0)
  #head: ReplyHead | undefined

  /** Length in bytes, with the empty line at its end. */
  get length(): number {
    return this.#bytes.length
  }

  /** The head, if these bytes begin with the same. */
  at(bytes: Buffer): ReplyHead | undefined {
    const { length } = this.#bytes
    if (this.#head === undefined || bytes.length < length) return undefined
    return this.#bytes.compare(bytes, 0, length) === 0 ? this.#head : undefined
  }

  /** @param bytes all of the head; they are copied */
  remember(bytes: Buffer, head: ReplyHead): void {
    this.#bytes = Buffer.from(bytes)
    this.#head = head
  }
}
