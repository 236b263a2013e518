import { registerHooks } from 'node:module'

// node --import bench/without/hooks.ts dist/main.js: Ringback with parts left out, for the table of costs. The module
// that makes a part is replaced by one of this folder, so the product needs no switch that nobody should ever use.

/** By name in BENCH_WITHOUT: the compiled module that is replaced, and what stands in for it. */
const replaced = {
  ledger: ['/dist/assembly/open-ledger.js', 'ledger.ts'],
  metrics: ['/dist/metrics/create-metrics.js', 'metrics.ts'],
  alerts: ['/dist/record.js', 'alerts.ts'],
} as const

const chosen = Object.entries(replaced).filter(([name]) =>
  (process.env['BENCH_WITHOUT'] ?? '').split(',').includes(name),
)
const here = new URL('.', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    // The stand-ins import the source for its types; what runs is compiled.
    if (context.parentURL?.startsWith(here) === true && specifier.includes('/src/')) {
      return next(specifier.replace('/src/', '/dist/').replace(/\.ts$/, '.js'), context)
    }
    const found = next(specifier, context)
    const swap = chosen.find(([, [module]]) => found.url.endsWith(module))
    return swap === undefined ? found : next(new URL(swap[1][1], here).href, context)
  },
})
