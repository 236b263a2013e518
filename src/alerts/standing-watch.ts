import type { Role, Route } from '../callback/route.ts'
import type { Place } from '../ledger/alert-store.ts'
import type { Finding, Rule } from './rule.ts'
import type { RuleSettings } from './rules/settings.ts'
import { judgeBacklogAge, judgeCertificate, judgeDeadLetters, judgeLedger } from './rules/standing.ts'

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
    /** When the certificate that the handler showed last expires. */
    readonly expiresAt: number | undefined
  }[]
  readonly ledger: {
    /** Undefined while it can be written. */
    readonly unwritableSince: number | undefined
    readonly problem: string
  }
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

/** Pure: the findings of every rule over how things stand. */
export function judgeStanding(
  { rescue, certificates, ledger }: Standing,
  {
    routes,
    rulesOf,
    now,
  }: {
    readonly routes: ReadonlyMap<string, Route>
    readonly rulesOf: (route: string) => RuleSettings
    readonly now: number
  },
): readonly Judged[] {
  const queues = new Map(rescue.map((queue) => [queue.route, queue]))
  const ofRoutes = [...routes.keys()].flatMap((route): Judged[] => {
    const { backlog_age, dead_letters } = rulesOf(route)
    const queue = queues.get(route)
    const about = { place: { route, target: '' }, cause: '', label: '' }
    return [
      {
        ...about,
        rule: 'backlog_age',
        isOn: backlog_age.enabled,
        finding: judgeBacklogAge(queue?.oldestAt, backlog_age, now),
      },
      {
        ...about,
        rule: 'dead_letters',
        isOn: dead_letters.enabled,
        finding: judgeDeadLetters(queue?.dead ?? 0, dead_letters),
      },
    ]
  })
  const ofTargets = certificates.flatMap(({ route, target, expiresAt }): Judged[] => {
    const found = routes.get(route)?.targets.find(({ role }) => role === target)
    if (found === undefined) return []
    const settings = rulesOf(route).target_certificate_expiry
    return [
      {
        rule: 'target_certificate_expiry',
        place: { route, target },
        isOn: settings.enabled,
        cause: `certificate ${found.origin}`,
        label: found.label,
        finding: judgeCertificate(expiresAt, settings, now),
      },
    ]
  })
  const settings = rulesOf('').ledger_unhealthy
  const ofLedger: Judged = {
    rule: 'ledger_unhealthy',
    place: { route: '', target: '' },
    isOn: settings.enabled,
    cause: '',
    label: '',
    finding: judgeLedger(ledger.unwritableSince, ledger.problem, { settings, now }),
  }
  return [...ofRoutes, ...ofTargets, ofLedger]
}
