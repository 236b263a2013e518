import type { Exchange } from '../callback/callback.ts'
import type { LedgerWriter, Ticket } from './ledger.ts'

/** Stands for what is not written: there is nothing to wait for. */
const NOTHING: Ticket = 0

/**
 * A writer that leaves a share of the callbacks of some events out of the ledger, for events of which there are too
 * many. Only what went well at the first try is left out: as soon as an attempt fails, the callback is written whole.
 * A callback that is left out is not remembered across a restart, neither for the page nor against replays, and one
 * that a crash of ours cuts off leaves no trace.
 *
 * @param shares share that is kept, by event, 0 to 1; events that are not named are all kept
 * @param random gives numbers in [0, 1)
 */
export function sampleWriter(
  writer: LedgerWriter,
  shares: ReadonlyMap<string, number>,
  random: () => number,
): LedgerWriter {
  /** Callbacks under way that are not in the ledger. */
  const leftOut = new Set<string>()

  function write(exchange: Exchange): void {
    if (leftOut.delete(exchange.callback.id)) writer.keep(exchange)
  }

  return {
    keep(exchange) {
      const share = shares.get(exchange.facts.event)
      if (share === undefined || random() < share) return writer.keep(exchange)
      leftOut.add(exchange.callback.id)
      return NOTHING
    },
    attempt(exchange, attempt) {
      if (attempt.outcome === 'ok' && leftOut.has(exchange.callback.id)) return NOTHING
      write(exchange)
      return writer.attempt(exchange, attempt)
    },
    settle(exchange, delivery) {
      const wentWell = delivery.result === 'delivered' || delivery.result === 'filtered'
      if (wentWell && leftOut.delete(exchange.callback.id)) return NOTHING
      write(exchange)
      return writer.settle(exchange, delivery)
    },
    durable: (ticket) => (ticket === NOTHING ? Promise.resolve() : writer.durable(ticket)),
    secured: (ticket) => (ticket === NOTHING ? Promise.resolve() : writer.secured(ticket)),
    refuse: (refusal) => writer.refuse(refusal),
    flush: () => writer.flush(),
    health: () => writer.health(),
  }
}
