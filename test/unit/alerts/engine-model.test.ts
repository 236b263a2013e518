import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { judgeStreak, signalOf } from '../../../src/alerts/rule.ts'
import { foldStreak, noStreak } from '../../../src/callback/streak.ts'
import { AlertBench, RecordingNotifier, scratchFile } from '../../support/alert-bench.ts'
import { HeldClock } from '../../support/held-clock.ts'

/** A callback of a schedule: whether it succeeds, and how many later arrivals are decided before it. */
interface Step {
  readonly succeeds: boolean
  readonly delay: number
}

const step = fc.record({
  succeeds: fc.boolean(),
  delay: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
})

/** Order in which arrivals are decided: each waits until `delay` later ones were. */
function decisionOrder(steps: readonly Step[]): number[] {
  return steps
    .map(({ delay }, arrival) => ({ arrival, at: arrival + delay }))
    .toSorted((a, b) => a.at - b.at || a.arrival - b.arrival)
    .map(({ arrival }) => arrival)
}

/**
 * The rule in its plainest form, over the whole history: failures that arrived after every decided success; or, if
 * the newest decided arrival is a success, the successes that arrived after the newest decided failure, counting
 * only those that arrived in the order in which they were decided.
 */
class Reference {
  readonly failed = new Set<number>()
  lastSuccess = -1
  isFiring = false
  /** Every incident so far: is it over? */
  readonly incidents: boolean[] = []
  #recovering = 0

  decide(arrival: number, succeeds: boolean): void {
    if (succeeds) this.#succeed(arrival)
    else if (arrival > this.lastSuccess) {
      this.failed.add(arrival)
      this.#recovering = 0
    }
    if (!this.isFiring && this.failed.size >= 3) this.#tell(true)
    if (this.isFiring && this.failed.size === 0 && this.#recovering >= 2) this.#tell(false)
  }

  #succeed(arrival: number): void {
    const first = Math.min(...this.failed)
    const isNewest = arrival > this.lastSuccess
    if (this.failed.size > 0 && arrival < first) {
      if (isNewest) this.lastSuccess = arrival
      return
    }
    if (this.failed.size === 0) {
      if (!isNewest) return
      this.#recovering += 1
    } else {
      for (const failed of this.failed) if (failed < arrival) this.failed.delete(failed)
      this.#recovering = this.failed.size === 0 ? 1 : 0
    }
    this.lastSuccess = arrival
  }

  #tell(fires: boolean): void {
    this.isFiring = fires
    if (fires) this.incidents.push(false)
    else this.incidents[this.incidents.length - 1] = true
  }
}

vi.setConfig({ testTimeout: 60_000 })

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

describe(`fire and resolve, against a plain reference (SEED=${seed})`, () => {
  it('agree in the decision for 10,000 interleavings of arrivals and decisions', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const reference = new Reference()
        let streak = noStreak
        let isFiring = false
        for (const arrival of decisionOrder(steps)) {
          const { succeeds } = steps[arrival]!
          reference.decide(arrival, succeeds)
          streak = foldStreak(streak, idOf(arrival), succeeds)
          const verdict = judgeStreak(streak, { consecutiveFailures: 3, resolveAfter: 2 })
          const signal = signalOf(verdict, isFiring)
          if (signal !== 'stay') isFiring = signal === 'fire'
          expect(isFiring).toBe(reference.isFiring)
          expect(streak.failures).toBe(reference.failed.size)
        }
      }),
      { numRuns: 10_000, seed },
    )
  })

  it('agree in incidents and in what people were told, also across restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 2 }),
        async (steps, restarts) => {
          await using file = await scratchFile()
          const notifiers = [new RecordingNotifier('slack')]
          const shared = { file: file.path, clock: new HeldClock(), streaks: new Map(), notifiers }
          const reference = new Reference()
          let bench = await AlertBench.start(shared)
          for (const [turn, arrival] of decisionOrder(steps).entries()) {
            const { succeeds } = steps[arrival]!
            bench.decide(succeeds ? 'ok' : 'http_5xx', { id: idOf(arrival) })
            reference.decide(arrival, succeeds)
            expect(bench.engine.snapshot().length > 0).toBe(reference.isFiring)
            if (!restarts.includes(turn)) continue
            await bench.settle()
            await bench[Symbol.asyncDispose]()
            bench = await AlertBench.start(shared)
          }
          await bench.pass(2000 * steps.length)
          const incidents = (await bench.store.incidents({ limit: 100 })).toReversed()
          expect(incidents.map((incident) => incident.closed_at !== null)).toEqual(reference.incidents)
          for (const { id, closed_at } of incidents) {
            const kinds = notifiers[0]!.accepted
              .filter((message) => message.incidentId === id)
              .map(({ kind }) => kind)
            // An outage that is over before its message left is told in one message.
            const allowed = closed_at === null ? ['firing'] : ['firing resolved', 'resolved']
            expect(allowed).toContain(kinds.join(' '))
          }
          expect(bench.problems).toEqual([])
          await bench[Symbol.asyncDispose]()
        },
      ),
      { numRuns: 30, seed },
    )
  })
})

function idOf(arrival: number): string {
  return `01K${String(arrival).padStart(23, '0')}`
}
