import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Timed, TimerWheel } from '../../src/timer-wheel.ts'
import { intBelow, pickSeed, seededRandom } from '../support/random.ts'

/** What is due is called within one tick of the wheel, and the timer under it has a millisecond of its own. */
const LATE_MS = 10

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function start(): { now: () => number; wheel: TimerWheel } {
  const startedAt = Date.now()
  const now = () => Date.now() - startedAt
  return { now, wheel: new TimerWheel({ wall: () => Date.now(), mono: now }) }
}

class Limit extends Timed {
  readonly calledAt: number[] = []
  readonly #now: () => number
  readonly #then: () => void

  constructor(now: () => number, then: () => void = () => undefined) {
    super()
    this.#now = now
    this.#then = then
  }

  onTimer(): void {
    this.calledAt.push(this.#now())
    this.#then()
  }
}

test('each is called once, soon after its time, however far away that is; what was cleared or set anew is not', () => {
  const seed = pickSeed()
  const random = seededRandom(seed)
  const { now, wheel } = start()
  const wanted = new Map<Limit, number | undefined>()
  for (let step = 0; step < 400; step++) {
    const limit = new Limit(now)
    const at = now() + intBelow(random, step % 2 === 0 ? 10_000 : 100)
    wheel.set(limit, at)
    wanted.set(limit, at)
    const others = [...wanted.keys()].filter(({ calledAt }) => calledAt.length === 0)
    const other = others[intBelow(random, others.length)]
    if (other !== undefined && step % 3 === 0) {
      wheel.clear(other)
      wanted.set(other, undefined)
    } else if (other !== undefined && step % 3 === 1) {
      const later = now() + intBelow(random, 100)
      wheel.set(other, later)
      wanted.set(other, later)
    }
    vi.advanceTimersByTime(intBelow(random, 20))
  }
  vi.advanceTimersByTime(20_000)
  for (const [{ calledAt }, at] of wanted) {
    const late = calledAt.map((time) => time - (at ?? Infinity))
    expect(late, `TEST_SEED=${seed}`).toHaveLength(at === undefined ? 0 : 1)
    expect(
      late.every((ms) => ms >= 0 && ms <= 2 * LATE_MS),
      `TEST_SEED=${seed}: ${late.join()}`,
    ).toBe(true)
  }
})

test('one that is called may clear its neighbours and set itself again', () => {
  const { now, wheel } = start()
  const neighbour = new Limit(now)
  const again = new Limit(now, () => {
    wheel.clear(neighbour)
    if (again.calledAt.length < 3) wheel.set(again, now() + 100)
  })
  wheel.set(neighbour, 100)
  wheel.set(again, 100)
  vi.advanceTimersByTime(1_000)
  expect(again.calledAt).toHaveLength(3)
  expect(neighbour.calledAt).toEqual([])
})

test('no timer runs while nothing is set, also after a stall of many turns', () => {
  const { now, wheel } = start()
  const limits = [10, 500, 9_000].map((at) => {
    const limit = new Limit(now)
    wheel.set(limit, at)
    return limit
  })
  vi.setSystemTime(Date.now() + 60_000)
  vi.advanceTimersByTime(2 * LATE_MS)
  expect(limits.map(({ calledAt }) => calledAt.length)).toEqual([1, 1, 1])
  vi.advanceTimersByTime(2 * LATE_MS)
  expect(vi.getTimerCount()).toBe(0)
})
