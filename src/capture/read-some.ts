import { Readable } from 'node:stream'

/** The whole of a stream, or, when it is longer than the limit, a stream of the same bytes. */
export async function readSome(from: Readable, mostBytes: number): Promise<Buffer | Readable> {
  const chunks: Buffer[] = []
  let bytes = 0
  const rest = from.iterator({ destroyOnReturn: false })
  for await (const chunk of rest) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > mostBytes) return Readable.from(both(chunks, from), { objectMode: false })
  }
  return Buffer.concat(chunks)
}

async function* both(first: readonly Buffer[], rest: Readable): AsyncGenerator<Buffer> {
  yield* first
  for await (const chunk of rest) yield chunk as Buffer
}
