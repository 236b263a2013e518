import type { Route } from '../../callback/route.ts'
import { clean } from '../messages/clean.ts'
import type { Watch } from '../watch.ts'
import { durationWords, outcomeLabel, timeWords } from '../messages/words.ts'

/** A change this long before the first failure may have caused it. */
const JUST_BEFORE_MS = 30 * 60_000
/** The first failure may be noticed before the deploy that caused it is reported. */
const JUST_AFTER_MS = 2 * 60_000
const NAMES_SHOWN = 4
const CHANGES_SHOWN = 2

type Fact = readonly [name: string, value: string]

/** Something that changed, and who reported it; nobody did when Ringback saw it by itself. */
export interface Change {
  readonly at: number
  readonly text: string
  readonly by: string
}

/** Under this name the message says what is done with callbacks, until it can say what was done. */
export const PLAN = 'What happens to them'
/** What was fine when it fired; it may not be any more. */
export const STILL_FINE = 'Still fine'

/** What was known when an alert fired, for its messages: who is still fine, what differs from before, what changed. */
export function contextOf(
  watch: Watch | undefined,
  known: {
    readonly watches: Iterable<Watch>
    readonly changes: readonly Change[]
    readonly since: number
    readonly route?: Route | undefined
    /** Another target of the route takes what this one does not. */
    readonly isHelped?: boolean
  },
): readonly Fact[] {
  const changes = changesBefore(known.changes, known.since)
  if (watch === undefined) return changes
  const { route, isHelped = false } = known
  return [
    ...(route === undefined ? [] : planOf(route, isHelped)),
    ...stillFine(watch, known.watches),
    ...lastGood(watch),
    ...difference(watch),
    ...changes,
  ]
}

function planOf({ onFailure, reply, kind, staticReply }: Route, isHelped: boolean): readonly Fact[] {
  if (isHelped) return [[PLAN, 'taken by the other handler of the route']]
  if (kind === 'xml') {
    const words =
      staticReply === undefined ? 'told to the provider as failed' : 'answered by the static reply'
    return [[PLAN, `${words}: a call cannot wait`]]
  }
  if (onFailure === 'relay' && reply !== 'ack')
    return [[PLAN, 'told to the provider as failed; not kept for later']]
  return [[PLAN, 'answered 200, kept, and tried again until the handler takes them']]
}

/** Other routes to the same server, and the other target of the route, as far as they work. */
function stillFine(watch: Watch, watches: Iterable<Watch>): readonly Fact[] {
  const origin = originOf(watch.label)
  const fine: string[] = []
  for (const other of watches) {
    const isSame = other.route === watch.route && other.target === watch.target
    const isNear = other.route === watch.route || originOf(other.label) === origin
    if (isSame || !isNear || other.streak.failures > 0 || other.streak.successes === 0) continue
    fine.push(other.route === watch.route ? `the ${other.target} handler` : `${other.route} ${other.target}`)
  }
  if (fine.length === 0) return []
  const rest = fine.length > NAMES_SHOWN ? ` and ${fine.length - NAMES_SHOWN} more` : ''
  return [[STILL_FINE, fine.slice(0, NAMES_SHOWN).join(', ') + rest]]
}

function lastGood({ lastGood: good }: Watch): readonly Fact[] {
  if (good === undefined) return []
  const took = Number.isFinite(good.ms) ? ` after ${Math.round(good.ms)} ms` : ''
  return [['Last good answer', `${timeWords(good.at)}: HTTP ${good.status}${took}, ${good.bytes} bytes`]]
}

/** The first failure beside the last good answer: status, time, size. */
function difference({ first, recent, lastGood: good }: Watch): readonly Fact[] {
  const failure = recent.at(-1) ?? first
  if (good === undefined || failure === null) return []
  const parts: string[] = []
  if (failure.status !== good.status) {
    const now = failure.status === 0 ? outcomeLabel(failure.outcome, 0) : String(failure.status)
    parts.push(`status ${good.status} → ${now}`)
  }
  if (failure.ms !== null && Number.isFinite(good.ms) && isOther(failure.ms, good.ms)) {
    const times = failure.ms / Math.max(good.ms, 1)
    const factor = times >= 3 ? ` (${Math.round(times)} times)` : ''
    parts.push(`time ${Math.round(good.ms)} → ${Math.round(failure.ms)} ms${factor}`)
  }
  if (failure.bytes !== undefined && failure.bytes !== good.bytes) {
    parts.push(`size ${good.bytes} → ${failure.bytes} bytes`)
  }
  return parts.length === 0 ? [] : [['What differs', parts.join(', ')]]
}

/** Times are never the same twice. */
function isOther(ms: number, before: number): boolean {
  return Math.abs(ms - before) > Math.max(10, before / 2)
}

function changesBefore(changes: readonly Change[], since: number): readonly Fact[] {
  const near = changes.filter(({ at }) => at >= since - JUST_BEFORE_MS && at <= since + JUST_AFTER_MS)
  if (near.length === 0) return []
  const shown = near.slice(0, CHANGES_SHOWN).map(({ at, text, by }) => {
    const when = at <= since ? `${durationWords(since - at)} before` : 'just after it began'
    return `${clean(text, 120)} (${when}${by === '' ? '' : `, ${clean(by, 40)}`})`
  })
  const more = near.length > CHANGES_SHOWN ? `; and ${near.length - CHANGES_SHOWN} more` : ''
  return [['Changed just before', shown.join('; ') + more]]
}

function originOf(label: string): string {
  return URL.parse(label)?.origin ?? label
}
