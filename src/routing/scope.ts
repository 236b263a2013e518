import type { Route, RouteScope } from '../callback/route.ts'

/** What a path alone tells, before anything of the request is trusted: whose keys, how strict, which lock. */
export interface Scope {
  readonly kind: RouteScope
  /** Account whose keys verify; undefined on a path route without one. */
  readonly account: string | undefined
  /** Name of the key ring that verifies, see key-rings.ts; there may be none of that name. */
  readonly ring: string
  /**
   * How signatures are treated before the body is parsed: as strict as the strictest route that the payload could
   * choose from here, so that no field of a forged body opens a route that enforces.
   */
  readonly signature: Route['signature']
  /** `Authorization` values that open the path; undefined leaves it open. */
  readonly basicAuth: readonly string[] | undefined
  /** The route that refusals are counted under; undefined on the URL of an account that has no default handler. */
  readonly route: Route | undefined
}
