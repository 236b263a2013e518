import type { Contender } from './contenders/contender.ts'
import { direct, others } from './contenders/others.ts'
import { ringback, type RingbackVariant } from './contenders/ringback.ts'

export const suiteNames = ['proxies', 'features', 'growth', 'soak', 'workers', 'bounds'] as const
export type SuiteName = (typeof suiteNames)[number]

/** Of those that compare contenders; `bounds` has scenes instead, see measure/scenes.ts. */
export type Comparison = Exclude<SuiteName, 'bounds'>

/** A question that the bench answers. */
export interface Suite {
  readonly name: Comparison
  readonly asks: string
  readonly contenders: readonly Contender[]
  /** Name of the contender that the others are shown as a multiple of. */
  readonly base: string
}

const durabilities = ['background', 'answer', 'full'] as const

/** @param ledger path of a ledger with millions of rows, for `growth` */
export function suiteOf(name: Comparison, ledger: string | undefined): Suite {
  switch (name) {
    case 'proxies':
      return {
        name,
        asks: 'What does Ringback cost beside what one would use instead?',
        contenders: [
          direct,
          ...others,
          ...durabilities.map((durability) =>
            ringback({
              name: `ringback-${durability}`,
              does: `everything on, durability ${durability}`,
              settings: { durability },
            }),
          ),
        ],
        base: 'fastify-http-proxy',
      }
    case 'features':
      return { name, asks: 'What does each part of Ringback cost?', contenders: features, base: 'everything' }
    case 'growth':
      return {
        name,
        asks: 'What does it cost to have many routes, or a big ledger?',
        contenders: [
          direct,
          ringback({ name: 'small', does: '1 route, empty ledger' }),
          ringback({ name: 'routes', does: '2,000 routes, empty ledger', settings: { routes: 2_000 } }),
          ...(ledger === undefined
            ? []
            : [ringback({ name: 'ledger', does: '1 route, the ledger of --ledger', ledger })]),
        ],
        base: 'small',
      }
    case 'workers':
      return {
        name,
        asks: 'What do more processes bring on this machine?',
        contenders: crews,
        base: 'background-1',
      }
    case 'soak':
      return {
        name,
        asks: 'How much memory does it take at saturation, and does it grow?',
        contenders: durabilities.map((durability) =>
          ringback({
            name: `ringback-${durability}`,
            does: `everything on, durability ${durability}`,
            settings: { durability },
          }),
        ),
        base: 'ringback-background',
      }
  }
}

/** The same with more processes, with every core open to all of them and to what loads them. */
const crews: readonly Contender[] = [
  direct,
  ...(['background', 'full'] as const).flatMap((durability) =>
    [1, 2, 3].map((workers) =>
      ringback({
        name: `${durability}-${workers}`,
        does: workers === 1 ? `durability ${durability}, one process` : `${workers} workers and their owner`,
        settings: { durability, workers },
      }),
    ),
  ),
]

/** All of them from the source, so that they differ in what is left out alone. */
const part = (variant: RingbackVariant): Contender => ringback({ ...variant, isFromSource: true })

const features: readonly Contender[] = [
  direct,
  part({ name: 'everything', does: 'durability background' }),
  part({ name: 'no-signature', does: 'signature: off', settings: { signature: 'off' } }),
  part({ name: 'no-ledger', does: 'rows are dropped', without: ['ledger'] }),
  part({ name: 'no-metrics', does: 'nothing is counted', without: ['metrics'] }),
  part({ name: 'no-log', does: 'log level error', settings: { logLevel: 'error' } }),
  part({ name: 'no-alerts', does: 'the alert engine hears nothing', without: ['alerts'] }),
  part({
    name: 'nothing',
    does: 'without all of these',
    settings: { signature: 'off', logLevel: 'error' },
    without: ['ledger', 'metrics', 'alerts'],
  }),
]
