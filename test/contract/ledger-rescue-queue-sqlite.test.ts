import { describeRescueQueue } from './ledger-rescue-queue.ts'
import { sqliteHarness } from './sqlite-harness.ts'

describeRescueQueue('SQLite', () => sqliteHarness(({ stores }) => ({ rescue: stores.rescue })))
