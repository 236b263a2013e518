import type { Role, Route, Target } from '../callback/route.ts'
import type { Place } from '../ledger/alert-store.ts'
import type { Finding, Rule } from './rule.ts'
import type { RuleSettings } from './rules/settings.ts'
import { judgeReconciliation, type Reconciled } from './rules/reconciliation.ts'
import { judgeBacklogAge, judgeCertificate, judgeDeadLetters, judgeLedger } from './rules/standing.ts'
import type { Unwritable } from './rules/unwritable.ts'

/** How things stand now, apart from what passes by. */
export interface Standing {
  readonly rescue: readonly {
    readonly route: string
    /** Arrival of the oldest callback that waits; undefined when none does. */
    readonly oldestAt: number | undefined
    readonly dead: number
  }[]
  readonly certificates: readonly {
    readonly route: string
    readonly target: Role
    readonly origin: string
    /** When the certificate that the handler showed last expires. */
    readonly expiresAt: number | undefined
  }[]
  /** Undefined while it is well. */
  readonly ledger: Unwritable | undefined
  /** Of each account that is reconciled. */
  readonly reconciliation: readonly Reconciled[]
}

/** What a rule found at a place. */
export interface Judged {
  readonly rule: Rule
  readonly place: Place
  readonly isOn: boolean
  /** Shared by places that are one incident; empty for none. */
  readonly cause: string
  /** URL of the target as it may be shown, or empty. */
  readonly label: string
  readonly finding: Finding
}

interface Asked {
  readonly routes: ReadonlyMap<string, Route>
  readonly isAsked: (route: string) => boolean
  readonly rulesOf: (route: string) => RuleSettings
  readonly now: number
}

/**
 * Pure: the findings of every rule over how things stand; of routes only those that are asked for, that have something
 * waiting, or whose certificate expires: with thousands of them nothing is made of those that are well.
 */
export function judgeStanding(standing: Standing, asked: Asked): readonly Judged[] {
  return [
    ...ofQueues(standing, asked),
    ...ofCertificates(standing, asked),
    ...ofProcess(standing, asked.rulesOf(''), asked.now),
  ]
}

function* ofQueues({ rescue }: Standing, { routes, isAsked, rulesOf, now }: Asked): Generator<Judged> {
  const queues = new Map(rescue.map((queue) => [queue.route, queue]))
  for (const route of routes.keys()) {
    const queue = queues.get(route)
    if (queue === undefined && !isAsked(route)) continue
    const { backlog_age, dead_letters } = rulesOf(route)
    const about = { place: { route, target: '' }, cause: '', label: '' }
    yield {
      ...about,
      rule: 'backlog_age',
      isOn: backlog_age.enabled,
      finding: judgeBacklogAge(queue?.oldestAt, backlog_age, now),
    }
    yield {
      ...about,
      rule: 'dead_letters',
      isOn: dead_letters.enabled,
      finding: judgeDeadLetters(queue?.dead ?? 0, dead_letters),
    }
  }
}

function* ofCertificates(
  { certificates }: Standing,
  { routes, isAsked, rulesOf, now }: Asked,
): Generator<Judged> {
  for (const { route, target, expiresAt } of certificates) {
    const settings = rulesOf(route).target_certificate_expiry
    const isNear = expiresAt !== undefined && expiresAt - now <= settings.within
    if (!isNear && !isAsked(route)) continue
    const found = routes.get(route)?.targets.find(({ role }) => role === target)
    if (found === undefined) continue
    yield {
      rule: 'target_certificate_expiry',
      place: { route, target },
      isOn: settings.enabled,
      cause: certificateCause(found),
      label: found.label,
      finding: judgeCertificate(expiresAt, settings, now),
    }
  }
}

/** A certificate is one incident, whatever targets show it. */
export function certificateCause({ origin }: Pick<Target, 'origin'>): string {
  return `certificate ${origin}`
}

/** Rules that no route has: they are judged once for the whole process. */
function ofProcess(
  { ledger, reconciliation }: Pick<Standing, 'ledger' | 'reconciliation'>,
  settings: RuleSettings,
  now: number,
): readonly Judged[] {
  const about = { place: { route: '', target: '' }, cause: '', label: '' }
  return [
    {
      ...about,
      rule: 'ledger_unhealthy',
      isOn: settings.ledger_unhealthy.enabled,
      finding: judgeLedger(ledger, settings.ledger_unhealthy, now),
    },
    {
      ...about,
      rule: 'reconciliation',
      // With nothing to read it can find nothing, which is no sign that all is well.
      isOn: settings.reconciliation.enabled && reconciliation.length > 0,
      finding: judgeReconciliation(reconciliation, settings.reconciliation),
    },
  ]
}
