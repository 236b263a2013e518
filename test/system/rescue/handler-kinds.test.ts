import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import {
  BookKeeper,
  type Mode,
  PATIENT,
  Provider,
  readLedger,
  untilNothingWaits,
} from '../../support/book-keepers.ts'
import { compareBooks } from '../../support/ledger-books.ts'
import { startRescue } from '../../support/rescue-rig.ts'
import { startTarget } from '../../support/target-server.ts'

const CALLS = 3

/** How a handler may fail, and how such an attempt stands in the ledger. */
const kinds: readonly (readonly [Exclude<Mode, 'ok'>, string])[] = [
  ['down', 'http_5xx'],
  ['refusing', 'http_429'],
  ['resetting', 'reset'],
  ['half', 'reset'],
  ['flapping', 'http_5xx'],
  ['slow', 'timeout_response'],
]

test(
  'whatever a handler does, the books of provider, handler and ledger agree, and nothing comes twice',
  { timeout: 90_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-kinds-'))
    const keeper = new BookKeeper()
    await using handler = await startTarget(keeper.handle)
    const provider = new Provider()
    try {
      const ringback = await startRescue({ target: `${handler.origin}/hook`, rescue: PATIENT }, folder)
      provider.port = ringback.publicPort
      for (const [mode] of kinds) {
        keeper.mode = mode
        await Promise.all(Array.from({ length: CALLS }, () => provider.call(mode)))
        keeper.mode = 'ok'
        await untilNothingWaits(ringback)
      }
      expect(await ringback.stop()).toBe(0)

      const { written, slowestAnswerMs, integrity } = readLedger(folder)
      const verdict = compareBooks({ sent: provider.sent, received: keeper.received, written })
      expect(verdict).toMatchObject({ problems: [], duplicates: 0, doubtless: 0, unwritten: 0 })
      expect(provider.sent.map(({ status }) => status)).toEqual(provider.sent.map(() => 200))
      expect(verdict.delivered).toBe(kinds.length * CALLS * 4)
      expect(integrity).toBe('ok')
      expect(slowestAnswerMs).toBeLessThanOrEqual(2800)
      for (const [mode, outcome] of kinds) {
        const attempts = written
          .filter(({ callId }) => callId.startsWith(mode))
          .flatMap((row) => row.attempts.map((attempt) => attempt.outcome))
        expect({ mode, attempts: [...new Set(attempts)] }).toEqual({
          mode,
          attempts: expect.arrayContaining([outcome, 'ok']) as string[],
        })
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
