import type { MarkerRow } from '../../ledger/alert-store.ts'
import { clean } from '../messages/clean.ts'
import type { Watch } from '../watch.ts'
import { durationWords, timeWords } from '../messages/words.ts'

/** A change this long before the first failure may have caused it. */
const JUST_BEFORE_MS = 30 * 60_000
/** The first failure may be noticed before the deploy that caused it is reported. */
const JUST_AFTER_MS = 2 * 60_000
const NAMES_SHOWN = 4

type Fact = readonly [name: string, value: string]

/** What was known when an alert fired, for its messages: who is still fine, the last good answer, what changed. */
export function contextOf(
  watch: Watch | undefined,
  known: {
    readonly watches: Iterable<Watch>
    readonly markers: readonly MarkerRow[]
    readonly since: number
  },
): readonly Fact[] {
  const changes = changesBefore(known.markers, known.since)
  if (watch === undefined) return changes
  return [...stillFine(watch, known.watches), ...lastGood(watch), ...changes]
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
  return [['Still fine', fine.slice(0, NAMES_SHOWN).join(', ') + rest]]
}

function lastGood({ lastGood: good }: Watch): readonly Fact[] {
  if (good === undefined) return []
  const took = Number.isFinite(good.ms) ? ` after ${Math.round(good.ms)} ms` : ''
  return [['Last good answer', `${timeWords(good.at)}: HTTP ${good.status}${took}, ${good.bytes} bytes`]]
}

function changesBefore(markers: readonly MarkerRow[], since: number): readonly Fact[] {
  const near = markers.filter(({ at }) => at >= since - JUST_BEFORE_MS && at <= since + JUST_AFTER_MS)
  const [newest] = near
  if (newest === undefined) return []
  const before = newest.at <= since ? `${durationWords(since - newest.at)} before` : 'just after it began'
  const more = near.length > 1 ? `, and ${near.length - 1} more` : ''
  return [
    ['Changed just before', `${clean(newest.text, 160)} (${before}, ${clean(newest.created_by, 40)})${more}`],
  ]
}

function originOf(label: string): string {
  return URL.parse(label)?.origin ?? label
}
