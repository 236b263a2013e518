import type { Route } from '../callback/route.ts'
import type { RouteStep } from './explain.ts'

/** More would hide the answer. */
const MOST_STEPS = 12

/**
 * The path routes that a path could have gone to, longest first: the chosen one, shorter ones that fit too, and those
 * that nearly fit, each with the reason.
 *
 * @param chosen what the table finds
 */
export function explainPath(
  routes: readonly Route[],
  path: string,
  chosen: Route | undefined,
): readonly RouteStep[] {
  const steps = routes
    .filter((route) => route === chosen || isNear(route.prefix ?? '', path))
    .toSorted((one, other) => (other.prefix ?? '').length - (one.prefix ?? '').length)
    .map((route) => ({
      scope: 'path' as const,
      route: route.id,
      isChosen: route === chosen,
      why: reasonOf(route, path, chosen),
    }))
  if (steps.length === 0) {
    return [{ scope: 'path', route: '', isChosen: false, why: 'no route has a path that begins like this' }]
  }
  const at = steps.findIndex(({ isChosen }) => isChosen)
  return at < MOST_STEPS ? steps.slice(0, MOST_STEPS) : steps.slice(at - MOST_STEPS + 1, at + 1)
}

function reasonOf({ prefix = '' }: Route, path: string, chosen: Route | undefined): string {
  if (prefix === chosen?.prefix) return `the path begins with ${prefix}`
  if (fits(prefix, path)) {
    return chosen === undefined
      ? 'a path with a dot segment (/../ or /./, also percent-encoded) goes to no route'
      : `${prefix} fits too, but ${chosen.prefix ?? ''} is longer`
  }
  if (prefix === `${path}/`)
    return `${prefix} takes only what is below it; the path lacks the slash at its end`
  if (fits(prefix.toLowerCase(), path.toLowerCase())) return `${prefix} differs in upper and lower case`
  return `the path is not below ${prefix}`
}

/** `/ivr` takes itself and what is below it, `/ivr/` only what is below it. */
function fits(prefix: string, path: string): boolean {
  return prefix.endsWith('/') ? path.startsWith(prefix) : path === prefix || path.startsWith(`${prefix}/`)
}

/** Does it begin with the same segment? */
function isNear(prefix: string, path: string): boolean {
  return prefix === '/' || firstSegment(prefix) === firstSegment(path)
}

function firstSegment(path: string): string {
  return path.split('/', 2).join('/').toLowerCase()
}
