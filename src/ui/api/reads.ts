import type { Query, Read } from './ask.ts'

/** Rows that the live view begins with. */
const SEEDED = 200
/** How far back routes are looked at unless somebody asks for another window. */
export const USUAL_WINDOW = '24h'
const PAGE = 100

/** Where the first thing of each screen is read. Without React, so that it can be asked for ahead of the page. */
export const reads = {
  session: () => ['session'],
  status: () => ['status'],
  newest: () => ['callbacks', { limit: SEEDED }],
  search: (query: Query, after: string) => ['callbacks', { ...query, limit: PAGE, after }],
  callback: (id: string) => [`callbacks/${encodeURIComponent(id)}`],
  call: (callId: string) => [`calls/${encodeURIComponent(callId)}`],
  routes: (window: string) => ['routes', { window }],
  incidents: () => ['incidents', { limit: 200 }],
  incident: (id: string) => [`incidents/${encodeURIComponent(id)}`],
  deadLetters: (route: string, after: string) => ['dead-letters', { route, limit: PAGE, after }],
  configuration: () => ['configuration'],
} as const satisfies Record<string, (...about: never[]) => Read>
