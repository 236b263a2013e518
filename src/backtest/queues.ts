import type { Standing } from '../alerts/standing-watch.ts'
import type { Happening } from './happenings.ts'

interface Queue {
  /** Arrival by id, oldest first. */
  readonly waiting: Map<string, number>
  dead: number
}

/** The rescue queues of the past, as the rules over how things stand look at them. */
export class PastQueues {
  readonly #queues = new Map<string, Queue>()

  follow(happening: Happening): void {
    if (happening.kind !== 'settled' || happening.queue === 'none') return
    const { callback, route } = happening.exchange
    const queue = this.#queues.get(route.id) ?? { waiting: new Map<string, number>(), dead: 0 }
    this.#queues.set(route.id, queue)
    if (happening.queue === 'waits') queue.waiting.set(callback.id, callback.receivedAt)
    else queue.waiting.delete(callback.id)
    if (happening.queue === 'dead') queue.dead += 1
  }

  /** Certificates, the health of the ledger and call records are not in the past that was kept. */
  standing(): Standing {
    return {
      rescue: [...this.#queues].map(([route, { waiting, dead }]) => {
        const [oldestAt] = waiting.values()
        return { route, oldestAt, dead }
      }),
      certificates: [],
      ledger: undefined,
      reconciliation: [],
    }
  }
}
