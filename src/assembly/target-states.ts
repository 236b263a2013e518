import type { Route } from '../callback/route.ts'
import type { Breaker } from '../forward/breaker.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { TargetState } from '../metrics/metrics.ts'

/** What forwarding knows of every configured target, for a scrape. */
export function* targetStates(
  routes: readonly Route[],
  { breaker, forwarder }: { readonly breaker: Breaker; readonly forwarder: Forwarder },
): Generator<TargetState> {
  for (const route of routes) {
    for (const target of route.targets) {
      yield {
        route: route.id,
        target: target.role,
        origin: target.origin,
        isBreakerOpen: breaker.isOpen(target),
        certificateExpiresAt: forwarder.certificateExpiresAt(target.origin),
      }
    }
  }
}
