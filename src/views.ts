import type { RouteView } from './admin/api.ts'
import type { Role, Route } from './callback/route.ts'
import type { PublicUrl } from './routing/public-urls.ts'

/** How the admin port shows a route. */
export function routeView(
  route: Route,
  urls: readonly PublicUrl[],
  failuresOf: (route: string, target: Role) => number,
): RouteView {
  return {
    id: route.id,
    scope: route.scope,
    account: route.account ?? null,
    public_url: urls.find((each) => each.id === route.id && each.scope === route.scope)?.url ?? null,
    targets: route.targets.map(({ role, label }) => ({
      role,
      url: label,
      failures: failuresOf(route.id, role),
    })),
    events: route.events === undefined ? null : [...route.events],
    kind: route.kind,
    signature: route.signature,
    method: route.method ?? null,
    deadline_ms: route.deadlineMs,
    on_failure: route.onFailure,
    reply: route.reply,
  }
}
