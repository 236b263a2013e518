import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { BookKeeper, PATIENT, Provider, readLedger, untilNothingWaits } from '../../support/book-keepers.ts'
import { compareBooks } from '../../support/ledger-books.ts'
import { callbacksOf, startRescue } from '../../support/rescue-rig.ts'
import { startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const CALLS = 60

test('a stop in the middle of a backlog loses nothing, doubles nothing and leaves nothing in doubt', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-stop-'))
  const keeper = new BookKeeper()
  await using handler = await startTarget(keeper.handle)
  const config = { target: `${handler.origin}/hook`, rescue: `${PATIENT}, concurrency: 4` }
  const provider = new Provider()
  try {
    const first = await startRescue(config, folder)
    provider.port = first.publicPort
    keeper.mode = 'down'
    await Promise.all(Array.from({ length: CALLS }, () => provider.call()))
    keeper.delayMs = 40
    keeper.mode = 'ok'
    await waitFor('the backlog to be under way', () => keeper.received.filter(({ took }) => took).length > 20)
    const startedAt = performance.now()
    expect(await first.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    const half = readLedger(folder).written
    const left = half.filter(({ result }) => result === 'rescued').length
    expect(left).toBeGreaterThan(CALLS)
    expect(half.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'unknown')).toEqual(
      [],
    )

    keeper.delayMs = 0
    const second = await startRescue(config, folder)
    await untilNothingWaits(second)
    expect(await callbacksOf(second, '&result=dead')).toEqual([])
    expect(await second.stop()).toBe(0)
    const { written, integrity } = readLedger(folder)
    const verdict = compareBooks({ sent: provider.sent, received: keeper.received, written })
    expect(verdict).toMatchObject({
      problems: [],
      duplicates: 0,
      unwritten: 0,
      acknowledged: CALLS * 4,
      delivered: CALLS * 4,
    })
    expect(
      written.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'unknown'),
    ).toEqual([])
    expect(integrity).toBe('ok')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
