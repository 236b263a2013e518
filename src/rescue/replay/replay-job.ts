import { setTimeout as sleep } from 'node:timers/promises'

import type { Attempt } from '../../callback/attempt.ts'
import {
  type ReplayChange,
  type ReplayItem,
  type ReplayReport,
  type ReplayState,
  sendableStates,
} from '../../ledger/replay-store.ts'
import type { Member } from './replay-set.ts'

/** What became of one replayed callback. */
export type Replayed = 'delivered' | 'failed' | 'bytes_not_kept' | 'no_route' | 'under_way'

/** Brings one callback to its handler; never rejects. */
export type DeliverOne = (
  id: string,
) => Promise<{ readonly state: Replayed; readonly attempt: Attempt | undefined }>

export interface ReplayOptions {
  readonly id: string
  /** Attempts a second, at most. */
  readonly rate: number
  /** Failures after which the rest is left alone; one is enough while only a canary was sent. */
  readonly abortAfter: number
  readonly createdAt: number
  /** What was asked for, in words. */
  readonly reason: string
}

export interface JobParts {
  readonly deliver: DeliverOne
  readonly nowMs: () => number
  /** Writes down how callbacks stand; nothing is sent that does not stand there as `sending`. */
  readonly change: (changes: readonly ReplayChange[]) => Promise<void>
  readonly onProblem: (error: unknown) => void
}

/** The first wave sends one, each wave after a clean one twice as many. */
const MOST_AT_ONCE = 8
/** Callbacks that a report shows one by one. */
export const MOST_ITEMS = 1000

/** Brings a set of callbacks to their handlers: a canary, then ever more at once, one after the other in each call. */
export class ReplayJob {
  readonly options: ReplayOptions
  readonly #parts: JobParts
  readonly #items: Map<string, ReplayItem>
  #failures = 0
  #stopAs: 'cancelled' | 'interrupted' | undefined
  state: ReplayState = 'running'
  endedAt: number | null = null

  constructor(options: ReplayOptions, members: readonly Member[], parts: JobParts) {
    this.options = options
    this.#parts = parts
    this.#items = new Map(members.map((member) => [member.id, itemOf(member)]))
  }

  get items(): readonly ReplayItem[] {
    return [...this.#items.values()]
  }

  /** Ends it after what is under way: people wanted that, or the daemon stops. */
  stop(as: 'cancelled' | 'interrupted'): void {
    this.#stopAs ??= as
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  async run(): Promise<void> {
    const lanes = this.#lanes()
    let size = 1
    let ended: readonly ReplayChange[] = []
    while (lanes.length > 0 && this.#stopAs === undefined && this.#mayGoOn(size)) {
      const wave = lanes.splice(0, size)
      const ids = wave.map(([id = '']) => id)
      const startedAt = performance.now()
      const before = this.#failures
      if (!(await this.#write([...ended, ...ids.map((id) => this.#set(id, 'sending', ''))]))) {
        ended = ids.map((id) => this.#set(id, 'left', ''))
        lanes.unshift(...wave)
        break
      }
      ended = await Promise.all(ids.map(async (id) => this.#one(id)))
      for (const lane of wave) if (lane.length > 1) lanes.push(lane.slice(1))
      if (this.#failures === before) size = Math.min(size * 2, MOST_AT_ONCE)
      await sleep(Math.max(0, (wave.length * 1000) / this.options.rate - (performance.now() - startedAt)))
    }
    await this.#write(ended)
    this.state = lanes.length === 0 ? 'done' : (this.#stopAs ?? 'aborted')
    this.endedAt = this.#parts.nowMs()
  }

  #mayGoOn(size: number): boolean {
    return this.#failures < (size === 1 ? 1 : this.options.abortAfter)
  }

  /** Whoever cannot write down what is sent sends nothing. */
  async #write(changes: readonly ReplayChange[]): Promise<boolean> {
    try {
      if (changes.length > 0) await this.#parts.change(changes)
      return true
    } catch (error) {
      this.#parts.onProblem(error)
      return false
    }
  }

  /** What is to be sent, by call, in order of arrival. */
  #lanes(): string[][] {
    const lanes = new Map<string, string[]>()
    for (const { id, call_id, state } of this.#items.values()) {
      if (state !== 'left') continue
      const key = call_id === '' ? id : call_id
      const lane = lanes.get(key)
      if (lane === undefined) lanes.set(key, [id])
      else lane.push(id)
    }
    return [...lanes.values()]
  }

  async #one(id: string): Promise<ReplayChange> {
    const { state, attempt } = await this.#parts.deliver(id)
    if (state === 'failed') this.#failures++
    return this.#set(id, state, attempt?.outcome ?? '')
  }

  #set(id: string, state: string, outcome: string): ReplayChange {
    const item = this.#items.get(id)
    if (item !== undefined) this.#items.set(id, { ...item, state, outcome })
    return { id, state, outcome }
  }
}

export function itemOf({ id, row, skip }: Member): ReplayItem {
  return {
    id,
    call_id: row?.call_id ?? '',
    event: row?.event ?? '',
    received_at: row?.received_at ?? 0,
    state: skip ?? 'left',
    outcome: '',
  }
}

/** How a set of callbacks stands; the counts add up to the whole of it at every moment. */
export function reportOf(
  of: Omit<ReplayReport, 'total' | 'counts' | 'oldest_at' | 'newest_at' | 'items'>,
  items: readonly ReplayItem[],
): ReplayReport {
  const counts: Record<string, number> = {}
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1
  const sent = items.filter(({ state }) => sendableStates.includes(state))
  return {
    ...of,
    total: items.length,
    counts,
    oldest_at: sent.at(0)?.received_at ?? null,
    newest_at: sent.at(-1)?.received_at ?? null,
    items: items.slice(0, MOST_ITEMS),
  }
}
