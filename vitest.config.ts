import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { defineConfig } from 'vitest/config'

import { LongFirst } from './test/support/long-first.ts'

// Threads of ledgers load their modules in every test anew; V8's work on them is done once.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'dist/cache')

const jsonReport = process.env['VITEST_JSON_REPORT']

/** Vitest's own second is less than a page or a daemon may need beside two other tests. */
const POLL = { timeout: 15_000 }

export default defineConfig({
  test: {
    // Most system tests wait for daemons more than they compute, so four at once pay also on two cores.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    sequence: { sequencer: LongFirst },
    reporters: jsonReport === undefined ? ['default'] : ['default', 'json'],
    ...(jsonReport === undefined ? {} : { outputFile: { json: jsonReport } }),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Modules are loaded once for all files of a worker: what a test changes outside itself it puts back.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: POLL },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          // Real processes with real deadlines: on a machine that stalls one may miss its limit once, not twice.
          retry: process.env['CI'] === undefined ? 0 : 1,
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/support/shipped.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: POLL },
          pool: 'forks',
        },
      },
    ],
  },
})
