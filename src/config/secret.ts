import { inspect } from 'node:util'

const SHOWN = '[secret]'

/** A text that refuses to print: only `reveal()` gives it, so every use can be found by its name. */
export class Secret {
  readonly #value: string
  /** Where it came from, such as `env VOBIZ_AUTH_TOKEN`; safe to show. */
  readonly source: string

  constructor(value: string, source: string) {
    this.#value = value
    this.source = source
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}

/** What a secret must look like: a key of at least 16 characters, a URL of a kind, or any text that is not empty. */
export type SecretForm = 'key' | 'text' | 'header' | 'http_url' | 'smtp_url' | 'store_url'

/** Where a secret is kept, as the file says it; load.ts reads it and puts a Secret in its place. */
export class SecretRef {
  readonly from: 'env' | 'file'
  /** Name of the variable or path of the file. */
  readonly name: string
  readonly form: SecretForm

  constructor(from: 'env' | 'file', name: string, form: SecretForm) {
    this.from = from
    this.name = name
    this.form = form
  }
}
