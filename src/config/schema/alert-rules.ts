import { z } from 'zod'

import { parseSpan } from '../../alerts/rules/schedule.ts'
import { duration, eventList } from './terms.ts'

/** Days and hours of a week, such as `mon-fri 08:00-20:00`. */
export const spans = z.array(
  z
    .string()
    .refine(
      (text) => parseSpan(text) !== undefined,
      'must be of the form `mon-fri 08:00-20:00` or `22:00-06:00`',
    ),
)

export const timezone = z
  .string()
  .refine((name) => isTimeZone(name), 'is not a time zone; write one such as Asia/Kolkata or UTC')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const share = (doc: string) =>
  z
    .number()
    .gt(0)
    .lte(1)
    .meta({ description: `${doc} From 0 to 1.` })
const count = (doc: string) => z.int().min(1).max(1_000_000).meta({ description: doc })
const window = duration('Time that is looked at.', ['1m', '1h'])
const least = count('Fewer callbacks in the window decide nothing.')
const enabled = z.boolean().meta({ description: 'Is the rule watched?' })

/** Every rule with its settings: value, default, sentence. One table makes the general section and that of a route. */
const fields = {
  consecutive_failures: { enabled: [enabled, true] },
  failure_rate: {
    enabled: [enabled, true],
    above: [share('Share of failed callbacks above which it fires.'), 0.2],
    window: [window, '5m'],
    min_callbacks: [least, 20],
  },
  slow_responses: {
    enabled: [enabled, true],
    of_deadline: [share('Slow means longer than this share of the deadline.'), 0.8],
    above: [share('Share of slow callbacks above which it fires.'), 0.2],
    window: [window, '5m'],
    min_callbacks: [least, 20],
  },
  deadline_misses: {
    enabled: [enabled, true],
    at_least: [count('Missed deadlines that fire.'), 5],
    window: [window, '5m'],
  },
  no_callbacks: {
    enabled: [enabled, true],
    after: [duration('Silence that fires, counted only while callbacks are due.', ['5m', '24h']), '30m'],
    events: [eventList.meta({ description: 'Events that count as a sign of life; empty means all.' }), []],
    active_hours: [
      spans.meta({
        description:
          'When callbacks are due, such as `mon-fri 08:00-20:00`; empty means when they usually came in the weeks before (nothing fires in the first two).',
      }),
      [],
    ],
    timezone: [timezone.meta({ description: 'IANA time zone of `active_hours` and `quiet_days`.' }), 'UTC'],
    quiet_days: [
      z.array(z.iso.date()).meta({ description: 'Days on which nothing is due, such as `2026-12-25`.' }),
      [],
    ],
  },
  stuck_calls: {
    enabled: [enabled, true],
    max_duration: [duration('Longest time from answered to completed.', ['1m', '7d']), '4h'],
    at_least: [count('Stuck calls that fire.'), 3],
  },
  signature_failures: {
    enabled: [enabled, true],
    at_least: [count('Refused callbacks that fire.'), 10],
    window: [window, '5m'],
  },
  fallback_in_use: {
    enabled: [enabled, true],
    above: [share('Share of callbacks taken by the fallback above which it fires.'), 0.1],
    window: [window, '10m'],
    min_callbacks: [least, 10],
  },
  backlog_age: {
    enabled: [enabled, true],
    above: [duration('Age of the oldest waiting callback that fires.', ['1m', '30d']), '15m'],
  },
  dead_letters: { enabled: [enabled, true], at_least: [count('Callbacks given up that fire.'), 1] },
  target_certificate_expiry: {
    enabled: [enabled, true],
    within: [duration('Time before the expiry at which it fires.', ['1h', '90d']), '14d'],
  },
  ledger_unhealthy: {
    enabled: [enabled, true],
    after: [
      duration(
        'How long the ledger must have been unwritable; less than 5 s in which it takes writes do not end that.',
        ['1s', '1h'],
      ),
      '10s',
    ],
  },
  reconciliation: {
    enabled: [enabled, true],
    at_least: [count('Calls whose record and callbacks do not fit that fire.'), 3],
  },
} as const

const docs: Readonly<Record<keyof typeof fields, string>> = {
  consecutive_failures:
    'Callbacks fail in a row at one target; its limits are keys of `alerts` and of routes.',
  failure_rate: 'Too many callbacks of a route fail.',
  slow_responses: 'Too many answers come close to the deadline.',
  deadline_misses: 'Callbacks are not answered in time.',
  no_callbacks: 'Callbacks have stopped to arrive.',
  stuck_calls: 'Calls were answered and never completed.',
  signature_failures: 'Callbacks are refused for their signature.',
  fallback_in_use: 'The fallback handler does the work.',
  backlog_age: 'Rescued callbacks wait too long.',
  dead_letters: 'Callbacks were given up.',
  target_certificate_expiry: 'The certificate of a handler expires.',
  ledger_unhealthy: 'The ledger cannot be written. For the whole process, not for a route.',
  reconciliation:
    'Call records of Vobiz and callbacks do not fit. For the whole process, and only with `reconciliation`.',
}

type Fields = typeof fields
type Field = readonly [z.ZodType, unknown]
type Value<Entry> = Entry extends readonly [infer Type extends z.ZodType, unknown] ? z.output<Type> : never
type General = {
  readonly [Rule in keyof Fields]: { [Key in keyof Fields[Rule]]: Value<Fields[Rule][Key]> }
}
type Own = {
  readonly [Rule in keyof Fields]?: { [Key in keyof Fields[Rule]]?: Value<Fields[Rule][Key]> | undefined }
}

/** The settings of all rules, with defaults. The table is walked at run time, so its types are stated here. */
export const generalRules = z
  .strictObject(
    shape(
      (field, initial) => field.prefault(initial),
      (rule) => rule.prefault({}),
    ),
  )
  .prefault({})
  .meta({ description: 'Every rule with what can be changed of it.' }) as unknown as z.ZodPrefault<
  z.ZodType<General, object>
>

/** What one route changes of them. */
export const routeRules = z.strictObject(
  shape(
    (field) => field.optional(),
    (rule) => rule.optional(),
  ),
) as unknown as z.ZodType<Own, object>

function shape(
  each: (field: z.ZodType, initial: never) => z.ZodType,
  whole: (rule: z.ZodObject) => z.ZodType,
): Readonly<Record<string, z.ZodType>> {
  const rules = Object.entries(fields).map(([rule, settings]) => {
    const entries = Object.entries<Field>(settings).map(
      ([key, [field, initial]]) => [key, each(field, initial as never)] as const,
    )
    const object = z
      .strictObject(Object.fromEntries(entries))
      .meta({ description: docs[rule as keyof Fields] })
    return [rule, whole(object)] as const
  })
  return Object.fromEntries(rules)
}
