/** A part of the memory of a guard, in the byte order of the machine. The guard goes on using it. */
export interface Piece {
  readonly bytes: NodeJS.ArrayBufferView
  /**
   * Of a large one that seldom changes: what it is called as long as it is there, and a number that is another one after
   * every change. Where a file has it like that already, it is not written again.
   */
  readonly kept?: { readonly name: string; readonly version: number }
}

/** All that a guard remembers, as it lies there. What is not `kept` is a copy already. */
export type Image = readonly Piece[]

/** Gives back what an image was made of, in the same order and the same sizes. */
export interface ImageReader {
  /**
   * Fills a piece of memory with the bytes that come next.
   * @throws RangeError when there are not as many
   */
  read(piece: NodeJS.ArrayBufferView): void
}

/** Numbers as a piece of an image. */
export function numbersPiece(numbers: Iterable<number>): Piece {
  return { bytes: Float64Array.from(numbers) }
}

/** The next numbers of an image. */
export function numbersFrom(reader: ImageReader, count: number): Float64Array {
  const numbers = new Float64Array(count)
  reader.read(numbers)
  return numbers
}

/** @throws RangeError unless an image says what it can say */
export function must(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new RangeError(`an image of a guard with ${what}`)
}
