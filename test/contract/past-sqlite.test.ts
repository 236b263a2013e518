import { SqlitePast } from '../../src/ledger/sqlite/past.ts'
import { createLedgerFile } from '../unit/ledger/sqlite/ledger-file.ts'
import { describePast } from './past.ts'

describePast('SQLite', async () => {
  const file = await createLedgerFile()
  const ledger = await file.open()
  return {
    ledger,
    alerts: ledger.stores.alerts,
    open: () => Promise.resolve(new SqlitePast(file.path)),
    [Symbol.asyncDispose]: () => file.end(),
  }
})
