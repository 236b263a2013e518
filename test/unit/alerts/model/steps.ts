import fc from 'fast-check'

import type { RouteNumber } from './engine-reference.ts'

const route = fc.constantFrom<RouteNumber>(0, 1, 2)
const delay = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 }))
const atOnce = fc.constant(0)
const minutes = fc.constantFrom(1, 20, 300)

/** One thing that happens. `times` callbacks follow each other; what has a delay is decided after later arrivals. */
export const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      does: fc.constant('callbacks' as const),
      route,
      succeeds: fc.boolean(),
      times: fc.integer({ min: 1, max: 3 }),
      delay,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), minutes, delay: atOnce }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('acknowledge' as const), minutes, delay: atOnce }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('silence' as const),
      route: fc.option(route, { nil: undefined }),
      minutes,
      delay: atOnce,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'endSilences' as const,
        'restart' as const,
        'slackBreaks' as const,
        'slackMends' as const,
      ),
      delay: atOnce,
    }),
  },
)
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
