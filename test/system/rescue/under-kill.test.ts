import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import {
  BookKeeper,
  type Mode,
  modes,
  PATIENT,
  Provider,
  readLedger,
  untilNothingWaits,
} from '../../support/book-keepers.ts'
import { compareBooks } from '../../support/ledger-books.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../support/random.ts'
import { startRescue } from '../../support/rescue-rig.ts'
import { startTarget } from '../../support/target-server.ts'

/** Kills in one run; RINGBACK_KILLS=100 for the long one. */
const KILLS = Number(process.env['RINGBACK_KILLS'] ?? 6)
const CALLERS = 12
/** Of what a handler takes; an average, so it says something only over many kills. */
const MOST_DUPLICATES = 0.01
const MANY_KILLS = 50

test(
  `after ${KILLS} kills -9 under load no acknowledged callback is lost, and no call is out of order`,
  { timeout: 30_000 + KILLS * 15_000 },
  async () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'ringback-kills-'))
    const keeper = new BookKeeper()
    await using handler = await startTarget(keeper.handle)
    const config = { target: `${handler.origin}/hook`, rescue: PATIENT }
    const provider = new Provider()
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        keeper.mode = kill === 0 ? 'down' : pick<Mode>(random, ['ok', ...modes])
        const ringback = await startRescue(config, folder)
        provider.port = ringback.publicPort
        if (kill === 0) provider.start(CALLERS)
        await sleep(200 + intBelow(random, 1000))
        provider.port = 0
        await ringback.kill()
      }
      keeper.mode = 'ok'
      const last = await startRescue(config, folder)
      provider.port = last.publicPort
      await sleep(500)
      await provider.stop()
      await untilNothingWaits(last)
      expect(await last.stop()).toBe(0)

      const { written, slowestAnswerMs, integrity } = readLedger(folder)
      const verdict = compareBooks({ sent: provider.sent, received: keeper.received, written })
      const figures = {
        seed,
        kills: KILLS,
        sent: provider.sent.length,
        acknowledged: verdict.acknowledged,
        delivered: verdict.delivered,
        problems: verdict.problems.length,
        unwritten: verdict.unwritten,
        duplicates: `${(verdict.duplicates * 100).toFixed(2)} %`,
        doubtless: verdict.doubtless,
        slowestAnswerMs: Math.round(slowestAnswerMs),
        slowestSeenMs: Math.round(verdict.slowestMs),
      }
      process.stdout.write(`${JSON.stringify(figures)}\n`)
      expect(verdict.problems.slice(0, 20)).toEqual([])
      expect(integrity).toBe('ok')
      expect(verdict.acknowledged).toBeGreaterThan(10 * KILLS)
      // Only what was under way to the handler at the moment of a kill may come twice, never what is known to be taken.
      expect(verdict.doubtless).toBe(0)
      expect(verdict.duplicates * verdict.delivered).toBeLessThanOrEqual(CALLERS * KILLS)
      expect(verdict.duplicates).toBeLessThanOrEqual(KILLS >= MANY_KILLS ? MOST_DUPLICATES : 1)
      expect(slowestAnswerMs).toBeLessThanOrEqual(2800)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
