import { describeConsoleStore } from './console-store.ts'
import { sqliteHarness } from './sqlite-harness.ts'

describeConsoleStore('SQLite', () => sqliteHarness(({ stores }) => ({ console: stores.console })))
