import { registerHooks } from 'node:module'

// node --import bench/without/hooks.ts src/main.ts: Ringback with parts left out, for the table of costs. The module
// that makes a part is replaced by one of this folder, so the product needs no switch that nobody should ever use.

/** By name in BENCH_WITHOUT: the module that is replaced, and what stands in for it. */
const replaced = {
  ledger: ['/src/assembly/open-ledger.ts', 'ledger.ts'],
  metrics: ['/src/metrics/create-metrics.ts', 'metrics.ts'],
  alerts: ['/src/record.ts', 'alerts.ts'],
} as const

const chosen = Object.entries(replaced).filter(([name]) =>
  (process.env['BENCH_WITHOUT'] ?? '').split(',').includes(name),
)
const here = new URL('.', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    // The stand-ins themselves get what they stand in for.
    if (context.parentURL?.startsWith(here) === true) return found
    const swap = chosen.find(([, [module]]) => found.url.endsWith(module))
    return swap === undefined ? found : next(new URL(swap[1][1], here).href, context)
  },
})
