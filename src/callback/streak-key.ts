import type { Role, Route, Target } from './route.ts'

/**
 * What a streak is counted for on a route: the role of the target, and for per-call routes, which share one id, also
 * where the handler is, so that one bad handler does not speak for all.
 */
export function streakKey({ scope }: Pick<Route, 'scope'>, { role, origin }: Target): string {
  return scope === 'call' ? `${role} ${origin}` : role
}

/** The role that a streak key begins with. */
export function roleOfKey(key: string): Role {
  return key.startsWith('fallback') ? 'fallback' : 'primary'
}
