import { LRUCache } from 'lru-cache'

import type { PathScope } from './messages.ts'

/** Per-call URLs that are remembered. */
const MOST_CALLS = 10_000

/** What a worker knows of per-call URLs. Only the owner has them, and they come and go, so it asks: once for each. */
export class CallScopes {
  readonly #known = new LRUCache<string, PathScope>({ max: MOST_CALLS })
  readonly #asked = new Map<string, PromiseWithResolvers<PathScope | undefined>>()
  readonly #ask: (path: string) => void

  constructor(ask: (path: string) => void) {
    this.#ask = ask
  }

  /** Undefined when the owner knows no such URL. */
  of(path: string): PathScope | undefined | Promise<PathScope | undefined> {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    let asked = this.#asked.get(path)
    if (asked === undefined) {
      asked = Promise.withResolvers()
      this.#asked.set(path, asked)
      this.#ask(path)
    }
    return asked.promise
  }

  told(path: string, scope: PathScope | undefined): void {
    if (scope !== undefined) this.#known.set(path, scope)
    this.#asked.get(path)?.resolve(scope)
    this.#asked.delete(path)
  }

  /** Another policy is in force. */
  forget(): void {
    this.#known.clear()
  }
}
