import type { Outcome } from '../../callback/outcome.ts'
import type { Target } from '../../callback/route.ts'

/** Failures of the way to a server, whatever URL is asked of it. */
const unreachable: ReadonlySet<Outcome> = new Set<Outcome>([
  'timeout_connect',
  'dns',
  'refused',
  'reset',
  'tls',
])

/**
 * What is broken, under a name that every route with the same trouble shares: the server when it cannot be reached,
 * else the one URL that answers wrongly.
 */
export function causeOf(outcome: Outcome | undefined, target: Target): string {
  return outcome !== undefined && unreachable.has(outcome)
    ? `server ${target.origin}`
    : `handler ${target.label}`
}
