import { fieldName, type FieldPath } from './problem.ts'
import type { Config } from './schema.ts'
import { Secret } from './secret.ts'
import { formatDuration } from './units.ts'

/** One setting that differs between two configurations. */
export interface Change {
  /** Such as `accounts.MA_TEST123.auth_token`: entries with an id are named by it. */
  readonly field: string
  /** In words, without secrets: `changed from 3s to 5s`, `added`, `removed`. */
  readonly text: string
  /** True when the change takes effect only after a restart. */
  readonly needsRestart: boolean
}

/** What exists once for the life of the process: sockets, files, threads, processes, and memory made to measure. */
export const fixedAtStart: readonly string[] = [
  'listen',
  'workers',
  'tls',
  'admin.listen',
  'capture.listen',
  'capture.api_base',
  'store',
  'ledger.durability',
  'ledger.bodies',
  'ledger.body_limit',
  'ledger.sample',
  'replay_window',
  'defaults.max_body',
  'defaults.max_reply',
  'defaults.max_in_flight',
  'defaults.max_in_flight_bytes',
  'trusted_proxies',
  'metrics.exemplars',
  'notify.daily_summary',
  'notify.weekly_summary',
  'alerts.drill',
]

/** What differs between the configuration that runs and one that was just loaded. */
export function changesBetween(before: Config, after: Config): readonly Change[] {
  return [...differences(before, after, [])].map(({ path, text }) => {
    const field = fieldName(path)
    return { field, text, needsRestart: needsRestart(field) }
  })
}

/** What a daemon runs on that started with one configuration and took over another since: fixed settings are as they were. */
export function inForce(started: Config, takenOver: Config): Config {
  // Safe: settings change places only with those of the same name.
  return fixedAtStart.reduce<Mapping>(
    (config, key) => withFixed(config, started, key.split('.')),
    takenOver,
  ) as Config
}

/** A section that only one of the two has begins or ends with the next start as a whole. */
function withFixed(config: Mapping, started: Mapping, [key = '', ...rest]: readonly string[]): Mapping {
  const [inner, atStart] = [config[key], started[key]]
  const isWhole = rest.length === 0 || !isMapping(inner) || !isMapping(atStart)
  return { ...config, [key]: isWhole ? atStart : withFixed(inner, atStart, rest) }
}

/** Do two values of one setting say the same? */
export function isSame(one: unknown, other: unknown): boolean {
  return differences(one, other, []).next().done === true
}

/** Does a change of this setting, named as `Change.field`, wait for a restart? */
export function needsRestart(field: string): boolean {
  return fixedAtStart.some(
    (key) => field === key || field.startsWith(`${key}.`) || key.startsWith(`${field}.`),
  )
}

/** One line for the log or the terminal. */
export function formatChange({ field, text, needsRestart }: Change): string {
  return `${field} ${text}${needsRestart ? ' (takes effect after a restart)' : ''}`
}

interface Difference {
  readonly path: FieldPath
  readonly text: string
}

function* differences(before: unknown, after: unknown, path: FieldPath): Generator<Difference> {
  if (before instanceof Secret || after instanceof Secret) {
    const text = secretText(before, after)
    if (text !== undefined) yield { path, text }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    yield* listDifferences(before, after, path)
  } else if (isMapping(before) && isMapping(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(before[key], after[key], [...path, key])
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield { path, text: changeText(before, after, path) }
  }
}

function* listDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: FieldPath,
): Generator<Difference> {
  if (isNamed(before) || isNamed(after)) {
    yield* differences(byName(before), byName(after), path)
  } else if (JSON.stringify(before) === JSON.stringify(after)) {
    for (const [index, item] of before.entries()) yield* differences(item, after[index], [...path, index])
  } else {
    yield { path, text: 'changed' }
  }
}

/** Secrets print alike, so they are compared by what they hold. */
function secretText(before: unknown, after: unknown): string | undefined {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  if (!(before instanceof Secret && after instanceof Secret)) return 'changed'
  if (before.reveal() !== after.reveal()) return 'changed'
  return before.source === after.source ? undefined : `now comes from ${after.source}`
}

function changeText(before: unknown, after: unknown, path: FieldPath): string {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  const [from, to] = [shown(before, path), shown(after, path)]
  return from === undefined || to === undefined || from === to ? 'changed' : `changed from ${from} to ${to}`
}

const durations = new Set([
  'deadline',
  'margin',
  'order_wait',
  'probe_every',
  'keep',
  'repeat_every',
  'replay_window',
])

/** Only what cannot hold a secret is shown: headers, documents and credentials in URLs are texts too. */
function shown(value: unknown, path: FieldPath): string | undefined {
  if (typeof value === 'number')
    return durations.has(String(path.at(-1))) ? formatDuration(value) : String(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' || path.some((step) => String(step).endsWith('headers'))) return undefined
  if (/^[A-Za-z0-9._:-]{1,64}$/.test(value)) return value
  const url = URL.parse(value)
  return url !== null && url.host !== '' ? `${url.protocol}//${url.host}${url.pathname}` : undefined
}

type Mapping = Readonly<Record<string, unknown>>

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamed(list: readonly unknown[]): boolean {
  return list.some((item) => nameOf(item) !== undefined)
}

function byName(list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item, index) => [nameOf(item) ?? String(index), item]))
}

/** What an entry of a list is known by: its id, name or user. */
export function nameOf(item: unknown): string | undefined {
  if (!isMapping(item)) return undefined
  const name = item['id'] ?? item['name'] ?? item['user']
  return typeof name === 'string' ? name : undefined
}
