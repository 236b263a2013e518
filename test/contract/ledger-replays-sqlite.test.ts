import { describeReplayStore } from './ledger-replays.ts'
import { sqliteHarness } from './sqlite-harness.ts'

describeReplayStore('SQLite', () => sqliteHarness(({ stores }) => ({ replays: stores.replays })))
