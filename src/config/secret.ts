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
