import { openStore, openTables, scratchFile } from '../support/alert-tables.ts'
import { alertStoreContract } from './alert-store.ts'

alertStoreContract('SQLite', async () => {
  const file = await scratchFile()
  const store = openStore(openTables(file.path))
  return {
    store,
    async [Symbol.asyncDispose]() {
      store[Symbol.dispose]()
      await file[Symbol.asyncDispose]()
    },
  }
})
