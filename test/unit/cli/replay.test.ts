import { describe, expect, it } from 'vitest'

import type { ReplayItem, ReplayView } from '../../../src/admin/api.ts'
import { startAdmin } from '../../support/admin-parts.ts'
import { cli } from '../../support/run-cli.ts'

const view: ReplayView = {
  id: '01KREPLAY00000000000000001',
  state: 'done',
  reason: '',
  created_at: 1_795_444_000_000,
  ended_at: 1_795_444_001_000,
  total: 0,
  counts: {},
  oldest_at: null,
  newest_at: null,
  items: [],
}

const item = (id: string, state: ReplayItem['state']): ReplayItem => ({
  id,
  received_at: 1_795_444_000_000,
  event: 'call.completed',
  call_id: 'call-1',
  state,
  outcome: '',
})

/** What the command says when the replay of these callbacks ended, or was planned, like this. */
async function replayed(argv: readonly string[], counts: Record<string, number>, items: ReplayItem[]) {
  await using admin = await startAdmin()
  const ended = { ...view, counts, items, total: items.length }
  Object.assign(admin.parts.replays, {
    plan: () => Promise.resolve({ ...ended, state: 'planned' }),
    start: () => Promise.resolve(ended),
  })
  return await cli(['replay', ...argv, '--url', admin.url])
}

describe('ringback replay', () => {
  it.each([[[]], [['--dry-run']], [['--json']]])(
    'ends with 5 and the ids that nothing has, after what became of the others: %j',
    async (flags) => {
      const items = [item('GOOD', 'delivered'), item('NOPE', 'not_known'), item('NONE', 'not_known')]
      const argv = ['GOOD', 'NOPE', 'NONE', ...flags]
      const { code, stdout, stderr } = await replayed(argv, { delivered: 1, not_known: 2 }, items)
      expect([code, stderr]).toEqual([5, expect.stringContaining('No callback: NOPE, NONE.')])
      expect(stdout).toMatch(/\b2\b.*not_known|not_known":2/)
    },
  )

  it('counts unknown ids where the list of callbacks is too long to hold them', async () => {
    const { code, stderr } = await replayed(['NOPE'], { delivered: 1, not_known: 3 }, [])
    expect([code, stderr]).toEqual([5, expect.stringContaining('No callback: 3 ids.')])
  })

  it('ends with 6 rather than 5 when a handler failed, too', async () => {
    const items = [item('GOOD', 'failed'), item('NOPE', 'not_known')]
    expect((await replayed(['GOOD', 'NOPE'], { failed: 1, not_known: 1 }, items)).code).toBe(6)
  })

  it('is no failure where what an incident hurt is not in the ledger any more', async () => {
    const items = [item('GONE', 'not_known')]
    expect((await replayed(['--incident', 'I1'], { not_known: 1 }, items)).code).toBe(0)
  })
})
