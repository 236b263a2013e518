import type { Facts } from '../callback/event.ts'
import type { Route, RouteScope } from '../callback/route.ts'
import type { AccountRoutes } from './account-routes.ts'
import { stricter } from './policy.ts'
import type { Scope } from './scope.ts'

/** One place where a callback could have found its route. */
export interface RouteStep {
  readonly scope: RouteScope
  /** Id of the route there; empty where there is none. */
  readonly route: string
  readonly isChosen: boolean
  /** Why it was taken or passed over. */
  readonly why: string
}

/**
 * The places of an account that a callback is held to, most specific first: the same decision as `claim` and
 * `claimWithin`, with its reasons. Exactly the steps up to the chosen one say why they did not apply.
 */
export function explainAccount(account: AccountRoutes, scope: Scope, facts: Facts): readonly RouteStep[] {
  const own = scope.kind === 'account' ? undefined : scope.route
  const steps = [
    callStep(account, own, facts),
    ...(own === undefined ? payloadSteps(account, facts) : [ownStep(own, scope)]),
  ]
  const chosen = steps.findIndex(({ route, fits }) => fits && route !== undefined)
  return steps.map(({ scope: place, route, why }, index) => ({
    scope: place,
    route: route?.id ?? '',
    isChosen: index === chosen,
    why: chosen >= 0 && index > chosen ? `not asked: ${steps[chosen]?.scope ?? ''} comes first` : why,
  }))
}

/** Of a path of a per-call URL, whose token is the whole key. */
export function explainToken(route: Route | undefined): RouteStep {
  const isChosen = route !== undefined
  const why = isChosen
    ? 'the path is a URL that was registered or captured for one call'
    : 'no URL is registered under this token; it may have expired'
  return { scope: 'call', route: route?.id ?? '', isChosen, why }
}

/** Of a path below /vobiz/ that no account has. */
export function explainStranger(path: string, accounts: ReadonlyMap<string, unknown>): RouteStep {
  const [, , id = ''] = path.split('/')
  const known = [...accounts.keys()].slice(0, 10).join(', ')
  const why = accounts.has(id)
    ? `account ${id} has no such URL: it is /vobiz/${id}, and below it only /applications/ID and /trunks/ID`
    : `there is no account ${id === '' ? 'in the path' : id}${known === '' ? '' : `; configured: ${known}`}`
  return { scope: 'account', route: '', isChosen: false, why }
}

interface Step {
  readonly scope: RouteScope
  readonly route: Route | undefined
  readonly fits: boolean
  readonly why: string
}

function callStep(account: AccountRoutes, own: Route | undefined, facts: Facts): Step {
  const scope = 'call'
  if (facts.callId === '')
    return { scope, route: undefined, fits: false, why: 'the callback names no call id' }
  const route = account.callRoute(facts)
  if (route === undefined) {
    return { scope, route, fits: false, why: `no URL is registered for call ${facts.callId}` }
  }
  if (own !== undefined && stricter(own.signature, route.signature) !== own.signature) {
    const why = `its registration asks for signature: ${route.signature}, and this URL checks only ${own.signature}`
    return { scope, route, fits: false, why }
  }
  return { scope, route, fits: true, why: `a URL is registered for call ${facts.callId}` }
}

function ownStep(route: Route, { kind }: Scope): Step {
  return { scope: kind, route, fits: true, why: `the path is that of the ${kind}` }
}

function payloadSteps(account: AccountRoutes, facts: Facts): readonly Step[] {
  const named = (scope: 'application' | 'trunk', id: string, routes: ReadonlyMap<string, Route>): Step => {
    const route = routes.get(id)
    if (id === '') return { scope, route, fits: false, why: `the callback names no ${scope}` }
    return route === undefined
      ? { scope, route, fits: false, why: `${scope} ${id} is not configured in account ${account.id}` }
      : { scope, route, fits: true, why: `the callback names ${scope} ${id}` }
  }
  const { fallback } = account
  return [
    named('application', facts.application, account.applications),
    named('trunk', facts.trunk, account.trunks),
    {
      scope: 'account',
      route: fallback,
      fits: fallback !== undefined,
      why:
        fallback === undefined
          ? `account ${account.id} has no default_callback_url`
          : `default_callback_url of account ${account.id} takes what nothing else claims`,
    },
  ]
}
