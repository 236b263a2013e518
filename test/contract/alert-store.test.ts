import { openStore, scratchFile } from '../support/alert-bench.ts'
import { alertStoreContract } from './alert-store.ts'

alertStoreContract('SQLite', async () => {
  const file = await scratchFile()
  const store = openStore(file.path)
  return {
    store,
    async [Symbol.asyncDispose]() {
      store[Symbol.dispose]()
      await file[Symbol.asyncDispose]()
    },
  }
})
