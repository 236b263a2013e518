import { z } from 'zod'

import type { RouteReport } from './api.ts'
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
