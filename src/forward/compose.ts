import type { Via } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Target } from '../callback/route.ts'
import { type Failure, FailureError } from './failure.ts'
import { headerLines, type PublicOrigin, publicOriginOf, seenOrigin } from './headers.ts'
import { requestLine } from './request-line.ts'
import type { WireRequest } from './wire/write-request.ts'

/**
 * Signatures for the URL that a handler takes for its own, as header names and values in turn; undefined leaves those
 * that came. Asked for each attempt, because a nonce is good for one request.
 */
export type Resign = (exchange: Exchange, baseUrl: string) => readonly string[] | undefined

/** What is particular to one attempt. */
export interface Occasion {
  readonly number: number
  readonly via: Via
  /** Headers of ours, besides those that every attempt has; names and values in turn. */
  readonly headers: readonly string[] | undefined
}

/** Makes the request that a target gets from the callback that came. */
export class Composer {
  readonly #resign: Resign | undefined
  #publicOrigin: PublicOrigin

  constructor(options: { readonly publicUrl: string; readonly resign?: Resign | undefined }) {
    this.#resign = options.resign
    this.#publicOrigin = publicOriginOf(options.publicUrl)
  }

  update(publicUrl: string): void {
    this.#publicOrigin = publicOriginOf(publicUrl)
  }

  /** What is sent, or why nothing can be. */
  compose(exchange: Exchange, target: Target, { number, via, headers }: Occasion): WireRequest | Failure {
    const { method, path, body } = requestLine(exchange, target)
    try {
      const lines = headerLines(exchange, target, {
        number,
        publicOrigin: this.#publicOrigin,
        signatures: this.#signatures(exchange, target, { path, via }),
        extra: headers,
      })
      const { host } = seenOrigin(exchange.route, target, this.#publicOrigin)
      return { method, path, host, lines, body }
    } catch (error) {
      if (error instanceof FailureError) return error.failure
      throw error
    }
  }

  /** Only what was proven is signed: never does a bad signature become a good one here. */
  #signatures(
    exchange: Exchange,
    target: Target,
    { path, via }: { readonly path: string; readonly via: Via },
  ): readonly string[] | undefined {
    if (!exchange.route.resign || this.#resign === undefined) return undefined
    const wasLetIn = via !== 'live' && exchange.route.signature === 'enforce'
    if (exchange.verdict !== 'verified' && !wasLetIn) return undefined
    const { proto, host } = seenOrigin(exchange.route, target, this.#publicOrigin)
    const mark = path.indexOf('?')
    return this.#resign(exchange, `${proto}://${host}${mark === -1 ? path : path.slice(0, mark)}`)
  }
}
