import { z } from 'zod'

import { longEventName } from '../../callback/event.ts'
import { sort, sortOf } from '../../forward/header-names.ts'
import { dialectNames } from '../../verify/dialects.ts'
import { type SecretForm, SecretRef } from '../secret.ts'
import { parseDuration, parseSize } from '../units.ts'

// The kinds of value that settings are made of. Durations become milliseconds and sizes bytes.

/** @param bounds least and most, as texts */
export function duration(doc: string, bounds: readonly [string, string]) {
  const [least, most] = bounds
  return z
    .string('must be a duration such as 500ms, 3s or 1h30m')
    .meta({ description: `${doc} From ${least} to ${most}.` })
    .transform((text, context) => {
      const value = parseDuration(text)
      if (value === undefined) return refused('must be a duration such as 500ms, 3s or 1h30m', context)
      const isWithin = value >= (parseDuration(least) ?? 0) && value <= (parseDuration(most) ?? Infinity)
      return isWithin ? value : refused(`must be ${least} to ${most}`, context)
    })
}

/** @param bounds least and most, as texts */
export function size(doc: string, bounds: readonly [string, string]) {
  const [least, most] = bounds
  return z
    .string('must be a size such as 64KiB or 20GB')
    .meta({ description: `${doc} From ${least} to ${most}.` })
    .transform((text, context) => {
      const value = parseSize(text)
      if (value === undefined) return refused('must be a size such as 64KiB or 20GB', context)
      const isWithin = value >= (parseSize(least) ?? 0) && value <= (parseSize(most) ?? Infinity)
      return isWithin ? value : refused(`must be ${least} to ${most}`, context)
    })
}

function refused(complaint: string, context: z.RefinementCtx): number {
  context.addIssue({ code: 'custom', message: complaint })
  return z.NEVER
}

/** A secret by reference, never by value. */
export const secret = (form: SecretForm) =>
  z
    .union(
      [
        z.strictObject({ env: z.string().min(1).meta({ description: 'Name of an environment variable.' }) }),
        z.strictObject({
          file: z.string().min(1).meta({ description: 'Path of a file; one trailing newline is cut off.' }),
        }),
      ],
      { error: 'must be { env: NAME } or { file: PATH }; a secret is never written into the file' },
    )
    .transform((ref) =>
      'env' in ref ? new SecretRef('env', ref.env, form) : new SecretRef('file', ref.file, form),
    )

/** One secret, or several while a rotation is under way (any of them verifies; the first one signs). */
export const secrets = (form: SecretForm) =>
  z.union([secret(form), z.array(secret(form)).min(1)], {
    error:
      'must be { env: NAME } or { file: PATH }, or a list of them; a secret is never written into the file',
  })

export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')

export const httpUrl = z.string().refine((text) => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}, 'must be an http or https URL')

export const address = z
  .string()
  .refine(
    (text) => Number(/^(?:\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text)?.[1] ?? NaN) <= 65_535,
    'must be HOST:PORT such as 127.0.0.1:8081',
  )

const cronFields: readonly (readonly [least: number, most: number, names: string])[] = [
  [0, 59, ''],
  [0, 23, ''],
  [1, 31, ''],
  [1, 12, 'jan feb mar apr may jun jul aug sep oct nov dec'],
  [0, 7, 'sun mon tue wed thu fri sat'],
]

/** Five fields of a cron expression: lists of `*`, numbers, names and ranges, each with an optional step. */
export const cron = z.string().refine((text) => {
  const fields = text.split(' ')
  return (
    fields.length === cronFields.length && cronFields.every((field, at) => isCronField(fields[at], field))
  )
}, 'must be a cron expression of five fields: minute, hour, day, month, day of the week')

function isCronField(text = '', [least, most, names]: (typeof cronFields)[number]): boolean {
  const isValue = (part: string): boolean =>
    names.split(' ').includes(part.toLowerCase()) ||
    (/^\d{1,2}$/.test(part) && Number(part) >= least && Number(part) <= most)
  return text.split(',').every((entry) => {
    const [range = '', step = '1', ...more] = entry.split('/')
    const isStep = /^\d{1,2}$/.test(step) && Number(step) > 0 && more.length === 0
    const ends = range.split('-')
    return (
      isStep && (range === '*' || (ends.length <= 2 && ends.every((part) => part !== '' && isValue(part))))
    )
  })
}

export const method = z.enum(['POST', 'GET'])
export const signature = z.enum(['enforce', 'warn', 'off'])
export const dialectList = z.array(z.enum(dialectNames)).min(1)
export const responseContract = z.enum(['off', 'observe', 'protect'])

export const eventList = z.array(
  z
    .string()
    .refine(
      (name) => longEventName(name) !== undefined,
      'is not a known event; docs/configuration.md lists them',
    ),
)

/** A handler refuses a request in which Host or Content-Length stands twice, and would get the blame. */
const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a header name')
  .refine((name) => (sortOf(name) & sort.written) === 0, {
    error: ({ input }) =>
      /^host$/i.test(String(input))
        ? 'is written by Ringback; to send the host that Vobiz dialled, use preserve_host: true'
        : 'is written by Ringback itself; take it away, or send what it says under another name',
  })

export const headerMap = z.record(
  headerName,
  z.union([z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/), secret('header')], {
    error: 'must be a text without control characters, or { env: NAME } or { file: PATH }',
  }),
)

/** Users of HTTP Basic on the public port. */
export const basicAuth = z
  .array(
    z.strictObject({
      user: z
        .string()
        .min(1)
        .regex(/^[^:]*$/, 'must not hold a colon')
        .meta({ description: 'Name of the user.' }),
      password: secret('text').meta({ description: 'Password of the user.' }),
    }),
  )
  .min(1)
