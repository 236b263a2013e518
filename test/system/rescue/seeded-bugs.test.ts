import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { BookKeeper, PATIENT, Provider, readLedger, untilNothingWaits } from '../../support/book-keepers.ts'
import { compareBooks } from '../../support/ledger-books.ts'
import { startRescue } from '../../support/rescue-rig.ts'
import type { Seed } from '../../support/seeds/open-ledger.ts'
import { SOURCE } from '../../support/shipped.ts'
import { startTarget } from '../../support/target-server.ts'

const HOOKS = new URL('../../support/seeds/hooks.ts', import.meta.url).href
const CALLS = 6

/** An outage, a kill -9 in it and the way out of it, by a daemon with a bug in it. @returns what the checker found */
async function problemsOf(seed: Seed | undefined): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-seeded-'))
  const keeper = new BookKeeper()
  await using handler = await startTarget(keeper.handle)
  const config = { target: `${handler.origin}/hook`, rescue: PATIENT }
  const bug = seed === undefined ? {} : { RINGBACK_SEED: seed }
  const options = { entry: SOURCE, env: { NODE_OPTIONS: `--import=${HOOKS}`, ...bug } }
  const provider = new Provider()
  try {
    const first = await startRescue(config, folder, options)
    provider.port = first.publicPort
    keeper.mode = 'down'
    await Promise.all(Array.from({ length: CALLS }, () => provider.call()))
    await provider.repeat()
    await sleep(150) // what nobody waits for is committed within 20 ms
    await first.kill()
    keeper.mode = 'ok'
    const second = await startRescue(config, folder, options)
    await untilNothingWaits(second)
    expect(await second.stop()).toBe(0)
    const { written } = readLedger(folder)
    return compareBooks({ sent: provider.sent, received: keeper.received, written }).problems
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('the checker finds nothing in a sound daemon', async () => {
  expect(await problemsOf(undefined)).toEqual([])
})

test.each([
  ['ack-before-commit', /acknowledged and lost/],
  ['drop-on-lease-loss', /acknowledged and lost/],
  ['reorder', /taken after/],
  ['double-count', /counted 2 times/],
] as const)('the checker catches a daemon with the bug %s', async (seed, found) => {
  expect((await problemsOf(seed)).join('\n')).toMatch(found)
})
