import type { Ticket } from '../ledger.ts'

interface Waiter {
  readonly ticket: Ticket
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Those who wait for their rows. */
export class Waiters {
  #waiting: Waiter[] = []

  get isAny(): boolean {
    return this.#waiting.length > 0
  }

  wait(ticket: Ticket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ticket, resolve, reject })
    })
  }

  resolveUpTo(ticket: Ticket): void {
    for (const waiter of this.#takeUpTo(ticket)) waiter.resolve()
  }

  rejectUpTo(ticket: Ticket, error: Error): void {
    for (const waiter of this.#takeUpTo(ticket)) waiter.reject(error)
  }

  /** What became of one row is another thing than what became of those before it. */
  reject(ticket: Ticket, error: Error): void {
    for (const waiter of this.#waiting) if (waiter.ticket === ticket) waiter.reject(error)
  }

  #takeUpTo(ticket: Ticket): readonly Waiter[] {
    const all = this.#waiting
    this.#waiting = all.filter((waiter) => waiter.ticket > ticket)
    return this.#waiting.length === 0 ? all : all.filter((waiter) => waiter.ticket <= ticket)
  }
}
