import { setTimeout as sleep } from 'node:timers/promises'

import type { Attempt } from '../../callback/attempt.ts'
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

export type ReplayState = 'running' | 'done' | 'aborted' | 'cancelled'

/** One callback of a set, in exactly one state. */
export interface ReplayItem {
  readonly id: string
  readonly call_id: string
  readonly event: string
  readonly received_at: number
  /** `left`, `delivered`, `failed`, or why it is skipped. */
  readonly state: string
  /** Outcome of its attempt, or empty. */
  readonly outcome: string
}

/** The first wave sends one, each wave after a clean one twice as many. */
const MOST_AT_ONCE = 8

/** Brings a set of callbacks to their handlers: a canary, then ever more at once, one after the other in each call. */
export class ReplayJob {
  readonly options: ReplayOptions
  readonly #deliver: DeliverOne
  readonly #items: Map<string, ReplayItem>
  readonly #nowMs: () => number
  #failures = 0
  #isCancelled = false
  state: ReplayState = 'running'
  endedAt: number | null = null

  constructor(
    options: ReplayOptions,
    members: readonly Member[],
    parts: { readonly deliver: DeliverOne; readonly nowMs: () => number },
  ) {
    this.options = options
    this.#deliver = parts.deliver
    this.#nowMs = parts.nowMs
    this.#items = new Map(members.map((member) => [member.id, itemOf(member)]))
  }

  get items(): readonly ReplayItem[] {
    return [...this.#items.values()]
  }

  /** How many callbacks of the set are in each state; they add up to the whole set at every moment. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { state } of this.#items.values()) counts[state] = (counts[state] ?? 0) + 1
    return counts
  }

  cancel(): void {
    this.#isCancelled = true
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  async run(): Promise<void> {
    const lanes = this.#lanes()
    let size = 1
    while (lanes.length > 0 && !this.#isCancelled && this.#mayGoOn(size)) {
      const wave = lanes.splice(0, size)
      const startedAt = performance.now()
      const before = this.#failures
      await Promise.all(wave.map(async (lane) => this.#one(lane[0] ?? '')))
      for (const lane of wave) if (lane.length > 1) lanes.push(lane.slice(1))
      if (this.#failures === before) size = Math.min(size * 2, MOST_AT_ONCE)
      await sleep(Math.max(0, (wave.length * 1000) / this.options.rate - (performance.now() - startedAt)))
    }
    this.state = lanes.length === 0 ? 'done' : this.#isCancelled ? 'cancelled' : 'aborted'
    this.endedAt = this.#nowMs()
  }

  #mayGoOn(size: number): boolean {
    return this.#failures < (size === 1 ? 1 : this.options.abortAfter)
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

  async #one(id: string): Promise<void> {
    const item = this.#items.get(id)
    if (item === undefined) return
    const { state, attempt } = await this.#deliver(id)
    if (state === 'failed') this.#failures++
    this.#items.set(id, { ...item, state, outcome: attempt?.outcome ?? '' })
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
