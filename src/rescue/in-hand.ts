import type { Leased } from '../ledger/rescue-queue.ts'

/** A callback that was taken to be delivered. */
export interface InHandItem {
  readonly keptRoute: string
  leased: Leased
  /** When that was asked for, monotonic milliseconds. */
  leasedAt: number
}

/** The callbacks that this process has taken and neither settled nor given back. */
export class InHand {
  readonly #byRoute = new Map<string, number>()
  readonly #byId = new Map<string, InHandItem>()

  /** How many of a route, by the id of the one they arrived on. */
  countOf(route: string): number {
    return this.#byRoute.get(route) ?? 0
  }

  add(item: InHandItem): void {
    this.#byId.set(item.leased.kept.callback.id, item)
    this.#byRoute.set(item.keptRoute, this.countOf(item.keptRoute) + 1)
  }

  /**
   * One that is in hand became due again all the same, because a clock was set: one delivery is enough, under the newer
   * lease.
   *
   * @returns false when it is not in hand
   */
  renew(leased: Leased, leasedAt: number): boolean {
    const item = this.#byId.get(leased.kept.callback.id)
    if (item === undefined) return false
    Object.assign(item, { leased, leasedAt })
    return true
  }

  letGo({ keptRoute, leased }: InHandItem): void {
    this.#byId.delete(leased.kept.callback.id)
    this.#byRoute.set(keptRoute, this.countOf(keptRoute) - 1)
  }
}
