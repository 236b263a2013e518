import type { Lane } from '../ledger/rescue-queue.ts'

/** What is known of one waiting callback. */
interface Member {
  readonly route: string
  readonly callId: string
  readonly bytes: number
}

interface Waiting {
  count: number
  bytes: number
}

interface CallLane {
  count: number
  /** Arrival of the first that waited since the lane was last empty. */
  readonly since: number
}

/** Most that may wait. */
export interface BacklogLimits {
  readonly rows: number
  readonly bytes: number
}

/**
 * What waits, in memory: answered on the path of every callback, restored from the ledger at the start. Whoever comes
 * in counts from before the row is written until after it is gone, so that no later callback of its call overtakes it.
 */
export class WaitingCalls {
  readonly #routes = new Map<string, Waiting>()
  readonly #lanes = new Map<string, CallLane>()
  #rows = 0
  #bytes = 0

  get rows(): number {
    return this.#rows
  }

  /** Routes on which something waits. */
  routes(): readonly string[] {
    return [...this.#routes.keys()]
  }

  lengthOf(route: string): number {
    return this.#routes.get(route)?.count ?? 0
  }

  restore(lanes: readonly Lane[]): void {
    for (const { route, call_id: callId, waiting, bytes, oldest_at: since } of lanes) {
      this.#count(route, waiting, bytes)
      if (callId !== '') this.#lanes.set(keyOf(route, callId), { count: waiting, since })
    }
  }

  hasRoom(bytes: number, limits: BacklogLimits): boolean {
    return this.#rows < limits.rows && this.#bytes + bytes <= limits.bytes
  }

  enter({ route, callId, bytes }: Member, nowMs: number): void {
    this.#count(route, 1, bytes)
    if (callId === '') return
    const key = keyOf(route, callId)
    const lane = this.#lanes.get(key)
    if (lane === undefined) this.#lanes.set(key, { count: 1, since: nowMs })
    else lane.count++
  }

  leave({ route, callId, bytes }: Member): void {
    this.#count(route, -1, -bytes)
    const key = keyOf(route, callId)
    const lane = this.#lanes.get(key)
    if (lane !== undefined && --lane.count <= 0) this.#lanes.delete(key)
  }

  /** Since when callbacks of a call wait on a route, milliseconds since the epoch; undefined when none does. */
  since(route: string, callId: string): number | undefined {
    if (this.#lanes.size === 0) return undefined
    return this.#lanes.get(keyOf(route, callId))?.since
  }

  #count(route: string, rows: number, bytes: number): void {
    const waiting = this.#routes.get(route) ?? { count: 0, bytes: 0 }
    waiting.count += rows
    waiting.bytes += bytes
    this.#rows += rows
    this.#bytes += bytes
    if (waiting.count > 0) {
      this.#routes.set(route, waiting)
      return
    }
    // Sizes are estimates; an empty route sets them right.
    this.#routes.delete(route)
    this.#bytes -= waiting.bytes
    this.#rows -= waiting.count
  }
}

/** Ids of routes hold no blank, so the key is unambiguous. */
function keyOf(route: string, callId: string): string {
  return `${route} ${callId}`
}
