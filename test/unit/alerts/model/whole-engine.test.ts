import { DatabaseSync } from 'node:sqlite'

import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'

import { openAlertStore } from '../../../../src/ledger/sqlite/alert-store.ts'
import { EnginePair } from './engine-pair.ts'
import { decisionOrder } from './schedule.ts'
import { step } from './steps.ts'

const RUNS = Number(process.env['RUNS'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

const db = new DatabaseSync(':memory:')
const tables = openAlertStore(db)
afterAll(() => db.close())
/** Opening a store takes longer than a schedule: all of them share one, emptied in between. */
const WIPE = ['incidents', 'incident_callbacks', 'notifications', 'silences', 'markers']
  .map((table) => `DELETE FROM ${table};`)
  .join('')

it(
  `the whole engine agrees with a plain reference in ${RUNS} schedules: who is told what, and when it is over (SEED=${seed})`,
  { timeout: 120_000 },
  async () => {
    let incidents = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        db.exec(WIPE)
        const pair = new EnginePair(tables)
        await pair.start()
        for (const number of decisionOrder(steps)) {
          await pair.take(steps[number]!, number)
          pair.compareOpen()
        }
        incidents += await pair.compareEnd()
      }),
      { numRuns: RUNS, seed },
    )
    expect(incidents).toBeGreaterThan(RUNS / 5)
  },
)
