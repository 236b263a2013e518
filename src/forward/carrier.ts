import type { SecureContext } from 'node:tls'

import { LRUCache } from 'lru-cache'

import type { Clock } from '../clock.ts'
import type { AddressPolicy } from './address.ts'
import type { Resolver } from './resolve.ts'
import { type Errand, type Result, send } from './send.ts'
import { TimerWheel } from '../timer-wheel.ts'
import { Lines } from './wire/lines.ts'

/** Makes single tries, wherever the connections to targets are. */
export interface Carrier {
  /** Never rejects, and ends within the time of the errand. */
  carry(errand: Errand): Promise<Result>
  /** Nothing can be carried any more, and what was under way is cut off. */
  readonly isGone: boolean
}

/** Carries over connections of this process. */
export interface OwnCarrier extends Carrier {
  /** Takes over a new policy; connections that stand under the old one are closed when they are idle. */
  update(policy: AddressPolicy): void
  /** Closes every connection, also under requests whose replies nobody waits for any more. */
  close(): void
}

export interface CarrierOptions {
  readonly clock: Clock
  readonly resolver: Resolver
  readonly policy: AddressPolicy
  /** Largest body of a reply; a larger one ends as `too_large`. */
  readonly maxReplyBytes: number
  /** Told when the certificate that an origin showed expires, milliseconds since the epoch; each time it shows one. */
  readonly onCertificate?: ((origin: string, expiresAt: number) => void) | undefined
  /** Whom to trust; the authorities that Node brings when left out. */
  readonly secureContext?: SecureContext | undefined
}

/** Origins whose connections, and whose certificates, are remembered. */
export const MOST_ORIGINS = 1_000

export function createCarrier(options: CarrierOptions): OwnCarrier {
  return new LineCarrier(options)
}

class LineCarrier implements OwnCarrier {
  readonly #options: CarrierOptions
  #policy: AddressPolicy
  readonly #origins = new LRUCache<string, Lines>({ max: MOST_ORIGINS, dispose: (lines) => lines.close() })
  readonly #timers: TimerWheel
  readonly isGone = false

  constructor(options: CarrierOptions) {
    this.#options = options
    this.#policy = options.policy
    this.#timers = new TimerWheel(options.clock)
  }

  carry(errand: Errand): Promise<Result> {
    const { clock } = this.#options
    return send(errand, { clock, lines: this.#linesTo(errand.origin), timers: this.#timers })
  }

  update(policy: AddressPolicy): void {
    this.#policy = policy
    this.#origins.clear()
  }

  close(): void {
    for (const lines of this.#origins.values()) lines.destroy()
    this.#origins.clear()
  }

  #linesTo(origin: string): Lines {
    let lines = this.#origins.get(origin)
    if (lines === undefined) {
      const { clock, resolver, secureContext, maxReplyBytes, onCertificate } = this.#options
      lines = new Lines(origin, {
        clock,
        resolver,
        policy: this.#policy,
        secureContext,
        maxReplyBytes,
        onConnection: ({ certificateExpiresAt }) => {
          if (certificateExpiresAt !== undefined) onCertificate?.(origin, certificateExpiresAt)
        },
      })
      this.#origins.set(origin, lines)
    }
    return lines
  }
}
