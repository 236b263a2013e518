import { z } from 'zod'

import type { Route } from '../callback/route.ts'
import type { RouteReport, RouteView } from './api.ts'
import { type Endpoint, endpoint, json } from './endpoint.ts'
import type { AdminParts } from './parts.ts'
import { durationParam } from './query.ts'
import { routeList } from './schemas.ts'

/** The routes in force, each with its numbers over a window. */
export function routeEndpoints({ routes, reader, clock }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/routes',
      role: 'read',
      tag: 'Routes',
      summary: 'List the routes in force with their numbers over a window',
      query: z.strictObject({
        window: durationParam(60_000, 90 * 86_400_000)
          .prefault('24h')
          .meta({ description: 'How far the numbers reach back, such as `1h`.' }),
      }),
      answer: { status: 200, description: 'All routes.', schema: routeList },
      async handle({ query: { window } }) {
        const summaries = await reader.routes(clock.wall() - window)
        const byRoute = new Map(summaries.map((summary) => [summary.route, summary]))
        const rows: RouteReport[] = []
        for (const route of routes()) rows.push({ ...route, summary: byRoute.get(route.id) ?? null })
        return json({ window_ms: window, rows })
      },
    }),
  ]
}

/** A route as the API shows it. `failuresOf` gives the streak of one of its targets. */
export function routeView(
  route: Route,
  publicUrl: string | null,
  failuresOf: (target: string) => number,
): RouteView {
  return {
    id: route.id,
    scope: route.scope,
    account: route.account ?? null,
    public_url: publicUrl,
    targets: route.targets.map(({ role, label }) => ({ role, url: label, failures: failuresOf(role) })),
    events: route.events === undefined ? null : [...route.events],
    kind: route.kind,
    signature: route.signature,
    method: route.method ?? null,
    deadline_ms: route.deadlineMs,
    on_failure: route.onFailure,
    reply: route.reply,
  }
}
