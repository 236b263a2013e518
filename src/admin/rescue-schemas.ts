import { z } from 'zod'

import type { DeadLetter, MovedLetters, ReplayItem, ReplayView } from './api.ts'
import { named } from './schemas.ts'

const time = z.int().meta({ description: 'Milliseconds since the epoch.' })

export const deadLetter = named<DeadLetter>()('DeadLetter', {
  id: z.string(),
  route: z.string(),
  event: z.string(),
  call_id: z.string(),
  received_at: time,
  dead_at: time,
  reason: z.string().meta({ description: 'Outcome of the last attempt.' }),
  attempts: z.int(),
})

export const movedLetters = named<MovedLetters>()('MovedLetters', { ids: z.array(z.string()) })

const replayItem = named<ReplayItem>()('ReplayItem', {
  id: z.string(),
  call_id: z.string(),
  event: z.string(),
  received_at: time,
  state: z.string().meta({
    description:
      '`left`, `sending`, `delivered`, `failed`, `unknown` when a crash cut it off, or why it is skipped.',
  }),
  outcome: z.string(),
})

export const replayView = named<ReplayView>()('Replay', {
  id: z.string().meta({ description: 'Empty for a plan.' }),
  state: z.enum(['planned', 'running', 'done', 'aborted', 'cancelled', 'interrupted']),
  reason: z.string(),
  created_at: time,
  ended_at: time.nullable(),
  total: z.int(),
  counts: z
    .record(z.string(), z.int())
    .meta({ description: 'How many are in each state; they add up to `total`.' }),
  oldest_at: time.nullable(),
  newest_at: time.nullable(),
  items: z.array(replayItem).meta({ description: 'In order of arrival, at most the first 1000.' }),
})
