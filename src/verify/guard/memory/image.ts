/**
 * Memory of a guard as it lies there, piece by piece, in the byte order of the machine. To be written at once: the
 * guard goes on using it.
 */
export type Image = readonly NodeJS.ArrayBufferView[]

/** Gives back what an image was made of, in the same order and the same sizes. */
export interface ImageReader {
  /**
   * Fills a piece of memory with the bytes that come next.
   * @throws RangeError when there are not as many
   */
  read(piece: NodeJS.ArrayBufferView): void
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
