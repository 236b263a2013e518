import { describe, expect, it } from 'vitest'

import type { AlertStore, Synchronous } from '../../../src/ledger/alert-store.ts'
import { AlertBench, Killed } from '../../support/alert-bench.ts'
import { openTables } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { RecordingNotifier } from '../../support/recording-notifier.ts'

const story = ['http_5xx', 'http_5xx', 'http_5xx', 'http_5xx', 'acknowledge', 'ok', 'ok', 'ok'] as const

/**
 * Plays the story with a kill at one step, starts again from the store and plays the rest. A step is anything that
 * reaches the disk or a channel; a kill falls before it, after it, or between two of them.
 */
async function playWithKill(killAt: number) {
  using tables = openTables()
  const notifiers = [new RecordingNotifier('slack'), new RecordingNotifier('email')]
  const shared = { tables, clock: new HeldClock(), streaks: new Map(), notifiers }
  let steps = 0
  let killedAt = ''
  const onStep = (step: string): void => {
    steps += 1
    if (steps !== killAt) return
    killedAt = step
    throw new Killed()
  }
  let decided = 0
  const first = await AlertBench.start({ ...shared, onStep })
  while (decided < story.length && !first.isDead) {
    if (await take(first, story[decided]!)) decided += 1
  }
  await first.pass(10_000)
  await first[Symbol.asyncDispose]()
  const unrecorded = acceptedButUnrecorded(tables, notifiers)
  await using second = await AlertBench.start(shared)
  for (const step of story.slice(decided)) await take(second, step)
  await second.pass(10_000)
  return { steps, killedAt, notifiers, unrecorded, incidents: await second.store.incidents({ limit: 10 }) }
}

/** Plays one step; false when it has to be done again: who acknowledges and hears nothing back does so. */
async function take(bench: AlertBench, step: (typeof story)[number]): Promise<boolean> {
  if (step !== 'acknowledge') {
    await bench.run(step)
    return true
  }
  const until = bench.clock.wall() + 3_600_000
  for (const { id } of bench.engine.snapshot())
    bench.engine.acknowledge(id, { by: 'ana', comment: 'on it', until })
  await bench.engine.idle()
  if (bench.isDead) return false
  await bench.pass(1000)
  return true
}

/** Messages that a channel took and of which the kill left no note: the only ones that may be sent again. */
function acceptedButUnrecorded(
  tables: Pick<Synchronous<AlertStore>, 'notifications'>,
  notifiers: readonly RecordingNotifier[],
): string[] {
  const rows = tables.notifications({ limit: 100 })
  const accepted = new Set(notifiers.flatMap((to) => to.accepted.map(({ id }) => `${id}.${to.channel}`)))
  return rows.filter(({ id, state }) => state === 'sending' && accepted.has(id)).map(({ id }) => id)
}

describe('a kill between any two steps of firing, telling, acknowledging and resolving', () => {
  it(
    'leaves exactly one incident, told at least once, looked after by whom it was told to, and resolved for everyone who was told',
    { timeout: 60_000 },
    async () => {
      const { steps } = await playWithKill(0)
      expect(steps).toBeGreaterThan(20)
      for (let killAt = 1; killAt <= steps; killAt++) {
        const { killedAt, notifiers, unrecorded, incidents } = await playWithKill(killAt)
        expect(incidents, `killed ${killedAt}`).toMatchObject([
          { close_reason: 'recovered', callbacks: 4, acked_by: 'ana' },
        ])
        for (const { channel, accepted } of notifiers) {
          const repeated = accepted.filter(({ id }, i) => i > 0 && accepted[i - 1]?.id === id)
          for (const { id } of repeated) expect(unrecorded).toContain(`${id}.${channel}`)
          const told = accepted.filter((message) => !repeated.includes(message)).map(({ kind }) => kind)
          expect(['firing,resolved', 'resolved'], `killed ${killedAt}, ${channel}`).toContain(told.join())
        }
      }
    },
  )
})
