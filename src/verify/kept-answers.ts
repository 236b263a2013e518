/** What the provider was told, as far as it is needed to tell it again. */
export interface KeptAnswer {
  readonly status: number
  /** Empty where there is no body. */
  readonly contentType: string
  /** Undefined where only the status mattered, or where the body was too large to keep. */
  readonly body: Uint8Array | undefined
}

/** Larger bodies are not kept: a repeat is then answered with the status alone. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Answers that have a body, oldest out first when their bytes are too many together. */
export class KeptAnswers {
  readonly #maxBytes: number
  readonly #answers = new Map<number, KeptAnswer>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(record: number): KeptAnswer | undefined {
    return this.#answers.get(record)
  }

  /** Keeps a copy: the bytes may be a view of a larger buffer. */
  set(record: number, answer: KeptAnswer): void {
    const bytes = bytesOf(answer)
    if (bytes === 0 || bytes > Math.min(MAX_ANSWER_BYTES, this.#maxBytes)) return
    this.delete(record)
    const { status, contentType, body } = answer
    const copy = body === undefined ? undefined : Uint8Array.from(body)
    this.#answers.set(record, { status, contentType, body: copy })
    this.#bytes += bytes
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.delete(oldest)
    }
  }

  delete(record: number): void {
    const answer = this.#answers.get(record)
    if (answer === undefined) return
    this.#answers.delete(record)
    this.#bytes -= bytesOf(answer)
  }
}

function bytesOf({ body }: KeptAnswer): number {
  return body?.byteLength ?? 0
}
