import type { RouteView } from '../admin/api.ts'
import type { Role, Route, Target } from '../callback/route.ts'
import type { PublicUrl } from '../routing/public-urls.ts'

/** Of a route that no key of the configuration names. */
const DEFAULT_ALERT_AFTER = 3

/** How the admin port shows a route. */
export function routeView(
  route: Route,
  urls: readonly PublicUrl[],
  sources: {
    readonly failuresOf: (route: string, target: Role) => number
    readonly isSkipped: (target: Target) => boolean
    /** By route id: failures in a row that fire the alert. */
    readonly alertAfter: ReadonlyMap<string, number>
  },
): RouteView {
  return {
    id: route.id,
    scope: route.scope,
    account: route.account ?? null,
    public_url: urls.find((each) => each.id === route.id && each.scope === route.scope)?.url ?? null,
    targets: route.targets.map((target) => ({
      role: target.role,
      url: target.label,
      failures: sources.failuresOf(route.id, target.role),
      is_skipped: sources.isSkipped(target),
    })),
    events: route.events === undefined ? null : [...route.events],
    kind: route.kind,
    signature: route.signature,
    method: route.method ?? null,
    deadline_ms: route.deadlineMs,
    alert_after: sources.alertAfter.get(route.id) ?? DEFAULT_ALERT_AFTER,
    on_failure: route.onFailure,
    reply: route.reply,
  }
}
