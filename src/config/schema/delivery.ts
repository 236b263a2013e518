import { z } from 'zod'

import { eventNames } from '../../callback/event.ts'
import { duration, responseContract, secret, size } from './terms.ts'

export const store = z
  .union([z.string(), secret('store_url')], { error: 'must be sqlite:PATH, postgres://… or { env: NAME }' })
  .prefault('sqlite:data/ringback.db')
  .meta({
    description:
      '`sqlite:PATH` or `postgres://…`; `{ env: NAME }` or `{ file: PATH }` where the URL holds a password.',
  })

export const defaults = z
  .strictObject({
    deadline: duration('How long the provider waits for an answer.', ['1s', '60s']).prefault('3s'),
    margin: duration('Kept back from the deadline for writing and sending the answer.', [
      '10ms',
      '5s',
    ]).prefault('200ms'),
    on_failure: z
      .enum(['relay', 'rescue'])
      .default('rescue')
      .meta({ description: 'See `routes[].on_failure`.' }),
    reply: z.enum(['handler', 'ack']).default('handler').meta({ description: 'See `routes[].reply`.' }),
    static_reply: z.string().min(1).optional().meta({ description: 'See `routes[].static_reply`.' }),
    resign: z.boolean().default(true).meta({ description: 'See `routes[].resign`.' }),
    response_contract: responseContract
      .default('off')
      .meta({ description: 'See `routes[].response_contract`.' }),
    max_body: size('Largest body of a callback; larger ones are refused with 413.', [
      '1KiB',
      '64MiB',
    ]).prefault('1MiB'),
    max_reply: size('Largest reply of a handler; a larger one counts as `too_large`.', [
      '1KiB',
      '64MiB',
    ]).prefault('2MiB'),
    max_in_flight: z
      .int()
      .min(1)
      .max(100_000)
      .default(2000)
      .meta({ description: 'Callbacks under way at once; more are refused with 503.' }),
    max_in_flight_bytes: size(
      'Bytes of the bodies of callbacks under way at once, and a quarter more of bodies that are still arriving; what is beyond is refused with 503.',
      ['1MiB', '64GiB'],
    ).prefault('256MiB'),
  })
  .prefault({})
  .meta({ description: 'Policy of every route that does not say otherwise.' })

export const rescue = z
  .strictObject({
    schedule: z
      .array(duration('Wait before one retry.', ['100ms', '7d']))
      .min(1)
      .max(50)
      .prefault(['1s', '5s', '30s', '2m', '10m', '1h', '3h', '6h', '6h', '6h'])
      .meta({
        description: 'Waits between the retries of a rescued callback; after the last one it is dead.',
      }),
    concurrency: z
      .int()
      .min(1)
      .max(256)
      .default(8)
      .meta({ description: 'Retries under way at once, for each target.' }),
    rate: z.int().min(1).max(100_000).default(1200).meta({
      description: 'Retries a second, for each target. What is live comes first: more of them slow it down.',
    }),
    max_rows: z
      .int()
      .min(1)
      .default(1_000_000)
      .meta({ description: 'Most callbacks that may wait; at the limit failures are relayed.' }),
    max_bytes: size('Most bytes that may wait; at the limit failures are relayed.', [
      '1MiB',
      '1TiB',
    ]).prefault('2GiB'),
    order_wait: duration('How long a callback waits behind an earlier one of its call.', [
      '0s',
      '30d',
    ]).prefault('24h'),
  })
  .prefault({})
  .meta({ description: 'What happens to callbacks that no handler took.' })

export const breaker = z
  .strictObject({
    after_failures: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .meta({ description: 'Failures in a row after which a target is skipped.' }),
    probe_every: duration('How often one callback tries a skipped target.', ['100ms', '1h']).prefault('2s'),
  })
  .prefault({})
  .meta({ description: 'Circuit breaker of each target.' })

export const ledger = z
  .strictObject({
    durability: z.enum(['full', 'answer', 'background']).default('full').meta({
      description:
        '`full`: on disk before forwarding; `answer`: before the provider is answered; `background`: within 20 ms.',
    }),
    keep: duration('Age at which callbacks are deleted.', ['1h', '3650d']).prefault('30d'),
    max_size: size('Size of the ledger at which the oldest callbacks are deleted.', [
      '10MB',
      '100TB',
    ]).prefault('20GB'),
    bodies: z.enum(['full', 'redacted', 'none']).default('redacted').meta({
      description:
        'What is kept of bodies. A callback that waits for rescue keeps its bytes until it is delivered.',
    }),
    sample: z
      .record(
        z.string().refine((name) => eventNames.includes(name), 'is not the name of an event on the wire'),
        z.number().min(0).max(1),
      )
      .prefault({})
      .meta({
        description:
          'Share of the callbacks of an event that is kept, 0 to 1, such as `{ ClearedAudio: 0.1 }`; only what went well at the first try is left out, and metrics count everything.',
      }),
    body_limit: size('Most bytes of one body that are kept for display.', ['0B', '64MiB']).prefault('16KiB'),
  })
  .prefault({})
  .meta({ description: 'The durable record.' })
