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

/** One that came or went since a mark. */
interface Recent {
  readonly member: Member
  readonly change: 'entered' | 'left'
  readonly sinceMs: number
  /** Number of the mark before it. */
  readonly at: number
}

/** A commit takes less time than this many readings are apart. */
const REMEMBERED_MARKS = 4

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
  /** What came and went lately, for `replace`; nothing where no replica shares the ledger. */
  #recent: Recent[] = []
  readonly #marks: number[] = []
  #now = 0

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

  /** Call before the lanes are read that `replace` is to take over. */
  mark(): number {
    this.#marks.push(++this.#now)
    if (this.#marks.length > REMEMBERED_MARKS) this.#marks.shift()
    return this.#now
  }

  /**
   * Takes over what waits in a ledger that replicas share. Whatever came in here may not have been written when it was
   * read, and counts for a while longer.
   */
  replace(lanes: readonly Lane[], mark: number): void {
    const oldest = this.#marks[0] ?? mark
    const recent = this.#recent.filter(({ at, change }) => at >= (change === 'left' ? mark : oldest))
    this.#routes.clear()
    this.#lanes.clear()
    this.#rows = 0
    this.#bytes = 0
    this.restore(lanes)
    for (const { member, change, sinceMs } of recent) {
      if (change === 'entered') this.#add(member, sinceMs)
      else if (this.lengthOf(member.route) > 0) this.#remove(member)
    }
    this.#recent = recent
  }

  hasRoom(bytes: number, limits: BacklogLimits): boolean {
    return this.#rows < limits.rows && this.#bytes + bytes <= limits.bytes
  }

  enter(member: Member, nowMs: number): void {
    this.#add(member, nowMs)
    if (this.#marks.length > 0) {
      this.#recent.push({ member, change: 'entered', sinceMs: nowMs, at: this.#now })
    }
  }

  leave(member: Member): void {
    this.#remove(member)
    if (this.#marks.length === 0) return
    const entry = this.#recent.findIndex(
      ({ member: { route, callId }, change }) =>
        change === 'entered' && route === member.route && callId === member.callId,
    )
    if (entry >= 0) this.#recent.splice(entry, 1)
    this.#recent.push({ member, change: 'left', sinceMs: 0, at: this.#now })
  }

  #add({ route, callId, bytes }: Member, nowMs: number): void {
    this.#count(route, 1, bytes)
    if (callId === '') return
    const key = keyOf(route, callId)
    const lane = this.#lanes.get(key)
    if (lane === undefined) this.#lanes.set(key, { count: 1, since: nowMs })
    else lane.count++
  }

  #remove({ route, callId, bytes }: Member): void {
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
