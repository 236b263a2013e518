import { z } from 'zod'

import type { RouteList, RouteReport } from '../api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { durationParam } from './query.ts'
import { routeList } from '../schemas.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const MOST_STRETCHES = 60
const NOTHING = { callbacks: 0, failed: 0 }

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
        const now = clock.wall()
        const step = stepOf(window)
        const since = now - window
        const [summaries, stretches] = await Promise.all([reader.routes(since), reader.history(since, step)])
        const byRoute = new Map(summaries.map((summary) => [summary.route, summary]))
        const byStretch = new Map(stretches.map((stretch) => [`${stretch.at} ${stretch.route}`, stretch]))
        const starts = startsOf(since, now, step)
        const rows: RouteReport[] = []
        for (const route of routes()) {
          const history = starts.map((at) => {
            const { callbacks, failed } = byStretch.get(`${at} ${route.id}`) ?? NOTHING
            return { at, callbacks, failed }
          })
          rows.push({ ...route, summary: byRoute.get(route.id) ?? null, history })
        }
        return json({ window_ms: window, step_ms: step, rows } satisfies RouteList)
      },
    }),
  ]
}

/** Whole minutes for a short window and whole hours for a long one: what the ledger adds up. */
function stepOf(windowMs: number): number {
  const unit = windowMs <= 3 * HOUR_MS ? MINUTE_MS : HOUR_MS
  return Math.ceil(windowMs / MOST_STRETCHES / unit) * unit
}

function startsOf(sinceMs: number, nowMs: number, stepMs: number): readonly number[] {
  const first = sinceMs - (sinceMs % stepMs)
  return Array.from({ length: Math.floor((nowMs - first) / stepMs) + 1 }, (_, at) => first + at * stepMs)
}
