import type { IncidentSeverity } from '../../ledger/alert-store.ts'
import type { Rule } from '../rule.ts'

/** How an alert of a rule is spoken of. */
interface RuleWords {
  /** Headline while it fires, before the place. */
  readonly fires: string
  readonly severity: IncidentSeverity
  /** What to look at first. */
  readonly advice: string
}

const table: Readonly<Record<Rule, RuleWords>> = {
  consecutive_failures: {
    fires: 'Callbacks are failing',
    severity: 'critical',
    advice: 'Look at the handler: the attempts below are what it did.',
  },
  failure_rate: {
    fires: 'Many callbacks fail',
    severity: 'critical',
    advice: 'Some get through: look for what the failing ones have in common.',
  },
  slow_responses: {
    fires: 'The handler is slow',
    severity: 'warning',
    advice: 'Answer first and work later, or set reply: ack on the route.',
  },
  deadline_misses: {
    fires: 'Callbacks miss the deadline',
    severity: 'critical',
    advice: 'The provider has given these up or sends them again.',
  },
  no_callbacks: {
    fires: 'No callbacks arrive',
    severity: 'critical',
    advice:
      'Check the callback URL at the provider, DNS and the certificate of public_url, and whether calls are made.',
  },
  stuck_calls: {
    fires: 'Calls never complete',
    severity: 'warning',
    advice: 'Their completed event did not arrive: check which events are subscribed at the provider.',
  },
  signature_failures: {
    fires: 'Callbacks are refused for their signature',
    severity: 'warning',
    advice:
      'A key that was changed at the provider only, or somebody who is not the provider: ringback doctor tells them apart.',
  },
  fallback_in_use: {
    fires: 'The fallback handler does the work',
    severity: 'warning',
    advice: 'Nothing is lost, but the primary handler needs a look.',
  },
  backlog_age: {
    fires: 'Rescued callbacks wait too long',
    severity: 'warning',
    advice: 'Their handler does not take them yet, or a callback of the same call stands before them.',
  },
  dead_letters: {
    fires: 'Callbacks were given up',
    severity: 'warning',
    advice: 'Nothing tries them any more: replay or discard them.',
  },
  target_certificate_expiry: {
    fires: 'The certificate of a handler expires',
    severity: 'warning',
    advice: 'From then on every callback to it fails.',
  },
  ledger_unhealthy: {
    fires: 'The ledger cannot be written',
    severity: 'critical',
    advice: 'Forwarding goes on, but nothing is rescued and nothing is recorded: check the disk.',
  },
  reconciliation: {
    fires: 'Calls at Vobiz do not fit their callbacks',
    severity: 'warning',
    advice: 'ringback reconcile lists the calls and what each lacks.',
  },
}

export function wordsOf(rule: string): RuleWords {
  return table[rule as Rule] // only rules are written into incidents
}
