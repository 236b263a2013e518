import type { Ticket } from '../ledger.ts'

interface Waiter {
  readonly ticket: Ticket
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Those who wait for their rows to be durable. */
export class Waiters {
  #waiting: Waiter[] = []

  get isAny(): boolean {
    return this.#waiting.length > 0
  }

  async wait(ticket: Ticket): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ ticket, resolve, reject })
    })
  }

  /** Everything up to a ticket is durable, except what was lost. */
  resolveUpTo(ticket: Ticket, lost: readonly Ticket[] = [], problem?: () => Error): void {
    const rest: Waiter[] = []
    for (const waiter of this.#waiting) {
      if (waiter.ticket > ticket) rest.push(waiter)
      else if (problem !== undefined && lost.includes(waiter.ticket)) waiter.reject(problem())
      else waiter.resolve()
    }
    this.#waiting = rest
  }

  rejectUpTo(ticket: Ticket, error: Error): void {
    const rest: Waiter[] = []
    for (const waiter of this.#waiting) {
      if (waiter.ticket > ticket) rest.push(waiter)
      else waiter.reject(error)
    }
    this.#waiting = rest
  }
}
