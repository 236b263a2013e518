import { Prefixes } from './prefixes.ts'

export const CALL_PREFIX = '/c/'
export const ACCOUNT_PREFIX = '/vobiz/'

/** A configured path and what it stands for. */
export interface PathEntry<T> {
  readonly path: string
  /** A whole path is taken as it stands; a prefix takes what is below it, too. */
  readonly isWhole: boolean
  readonly value: T
}

/** From a raw path to what was configured for it, before anything is verified. Per-call URLs are not among them. */
export class Paths<T> {
  readonly entries: readonly PathEntry<T>[]
  /** URLs of accounts, applications and trunks are whole paths: one lookup finds them. */
  readonly #whole = new Map<string, T>()
  readonly #prefixes = new Prefixes<T>()

  constructor(entries: readonly PathEntry<T>[]) {
    this.entries = entries
    for (const { path, isWhole, value } of entries) {
      if (isWhole) this.#whole.set(path, value)
      else this.#prefixes.add(path, value)
    }
  }

  find(path: string): T | undefined {
    if (path.startsWith(ACCOUNT_PREFIX)) return this.#whole.get(path) ?? this.#findStray(path)
    return this.#prefixes.find(path)
  }

  /** The URL of an application or trunk that is no longer configured is still its account's. */
  #findStray(path: string): T | undefined {
    const [, account] =
      /^(\/vobiz\/[^/]+)\/(?:applications|trunks)\/[A-Za-z0-9][A-Za-z0-9._-]*$/.exec(path) ?? []
    return account === undefined ? undefined : this.#whole.get(account)
  }
}
