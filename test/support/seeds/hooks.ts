import { registerHooks } from 'node:module'

// Loaded with --import into a daemon: its ledger is opened through open-ledger.ts beside this file, which puts in a bug.
const ORIGINAL = '/src/assembly/open-ledger.ts'
const seeded = new URL('open-ledger.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const isOurs = context.parentURL === seeded
    return resolved.url.endsWith(ORIGINAL) && !isOurs ? { ...resolved, url: seeded } : resolved
  },
})
