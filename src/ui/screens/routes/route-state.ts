import type { RouteReport } from '../../../admin/api.ts'
import type { Tone } from '../../words/tone.ts'

export interface RouteState {
  readonly tone: Tone
  readonly word: string
}

/** How a route is doing, in a word; the worst of its targets decides. */
export function routeState(route: RouteReport, isFiring: boolean): RouteState {
  const failures = Math.max(0, ...route.targets.map((target) => target.failures))
  if (isFiring) return { tone: 'bad', word: 'Alert' }
  if (failures > 0)
    return { tone: 'warn', word: failures === 1 ? 'Last one failed' : `${failures} failed in a row` }
  if (route.summary === null || route.summary.callbacks === 0) return { tone: 'idle', word: 'Quiet' }
  return { tone: 'good', word: 'Healthy' }
}

const order: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, good: 2, idle: 3 }

/** Those that need somebody first, then by how much failed, then by how much they are used. */
export function byNeed(a: RouteReport, b: RouteReport, isFiring: (route: string) => boolean): number {
  const need = (route: RouteReport): number => order[routeState(route, isFiring(route.id)).tone]
  return (
    need(a) - need(b) ||
    (b.summary?.failed ?? 0) - (a.summary?.failed ?? 0) ||
    (b.summary?.callbacks ?? 0) - (a.summary?.callbacks ?? 0) ||
    (a.id < b.id ? -1 : 1)
  )
}
