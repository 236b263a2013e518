import type { Exchange } from '../callback/callback.ts'

/** How the pipeline hands a callback over to be delivered later. All of it is answered from memory, at once. */
export interface RescueDoor {
  /** Does an earlier callback of this call still wait on the route? Then a later one queues behind it. */
  isBehind(exchange: Exchange): boolean
  /** May this one wait, or is the backlog at its limit? */
  hasRoom(exchange: Exchange): boolean
  /** When the first retry of a callback that failed now is due, milliseconds since the epoch. */
  firstDueAt(exchange: Exchange): number
  /** It waits now, durably; the worker may have it. */
  took(exchange: Exchange, dueAt: number): void
}
