import { describe, expect, test } from 'vitest'

import type { ReplayChange } from '../../../src/ledger/replay-store.ts'
import { type DeliverOne, ReplayJob } from '../../../src/rescue/replay/replay-job.ts'

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `c${String(n).padStart(3, '0')}`)

interface Watched {
  readonly job: ReplayJob
  /** How many were under way at once, wave by wave. */
  readonly waves: readonly number[]
  readonly sent: readonly string[]
  readonly written: ReplayChange[][]
}

/** A replay of callbacks that each have a call of their own unless said otherwise, at a rate that holds nobody up. */
function watch(
  members: readonly string[],
  behave: (id: string, job: ReplayJob) => boolean | Promise<boolean>,
  more: {
    readonly callOf?: (id: string) => string
    readonly abortAfter?: number
    readonly canWrite?: () => boolean
  } = {},
): Watched {
  const sent: string[] = []
  const written: ReplayChange[][] = []
  const waves: number[] = []
  const deliver: DeliverOne = async (id) => {
    sent.push(id)
    return { state: (await behave(id, job)) ? 'delivered' : 'failed', attempt: undefined }
  }
  const job = new ReplayJob(
    { id: 'R', rate: 1_000_000, abortAfter: more.abortAfter ?? 3, reason: '', createdAt: 0 },
    members.map((id) => ({ id, row: { call_id: more.callOf?.(id) ?? id } as never, skip: undefined })),
    {
      deliver,
      nowMs: () => 7,
      onProblem: () => undefined,
      change: (changes) => {
        if (more.canWrite?.() === false) return Promise.reject(new Error('disk full'))
        waves.push(changes.filter(({ state }) => state === 'sending').length)
        written.push([...changes])
        return Promise.resolve()
      },
    },
  )
  return { job, waves, sent, written }
}

const total = (job: ReplayJob): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { state } of job.items) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

describe('a replay', () => {
  test('sends one, then ever more at once', async () => {
    const { job, waves, written } = watch(ids(24), () => true)
    await job.run()
    expect(waves).toEqual([1, 2, 4, 8, 8, 1, 0])
    expect([job.state, job.endedAt, total(job)]).toEqual(['done', 7, { delivered: 24 }])
    // Nothing was sent that did not stand there as being sent, and every end was written.
    const last = new Map(written.flat().map(({ id, state }) => [id, state]))
    expect([...last.values()]).toEqual(Array<string>(24).fill('delivered'))
  })

  test('stops at the canary when that fails, and leaves the rest alone', async () => {
    const { job, sent } = watch(ids(9), () => false)
    await job.run()
    expect([job.state, sent.length, total(job)]).toEqual(['aborted', 1, { failed: 1, left: 8 }])
  })

  test('does not send more at once after a wave with failures, and stops after too many', async () => {
    const { job, waves } = watch(ids(40), (id) => id !== 'c004' && id < 'c015')
    await job.run()
    expect(waves).toEqual([1, 2, 4, 4, 8, 0]) // c004 failed in the third
    expect([job.state, total(job)]).toEqual(['aborted', { delivered: 14, failed: 5, left: 21 }])
  })

  test('keeps the order of each call, also while more go at once', async () => {
    const { job, sent } = watch(ids(30), () => true, { callOf: (id) => `call-${Number(id.slice(1)) % 7}` })
    await job.run()
    for (let call = 0; call < 7; call++) {
      const ofCall = sent.filter((id) => Number(id.slice(1)) % 7 === call)
      expect(ofCall).toEqual(ofCall.toSorted())
    }
    expect(sent).toHaveLength(30)
  })

  test.each(['cancelled', 'interrupted'] as const)('ends as %s after what is under way', async (as) => {
    const { job, sent } = watch(ids(20), (id, self) => {
      if (id === 'c002') self.stop(as)
      return true
    })
    await job.run()
    expect(sent).toEqual(['c000', 'c001', 'c002'])
    expect([job.state, total(job)]).toEqual([as, { delivered: 3, left: 17 }])
  })

  test('sends nothing that cannot be written down', async () => {
    let writes = 0
    const { job, sent } = watch(ids(20), () => true, { canWrite: () => ++writes <= 2 })
    await job.run()
    expect(sent).toHaveLength(3)
    expect([job.state, total(job)]).toEqual(['aborted', { delivered: 3, left: 17 }])
  })
})
