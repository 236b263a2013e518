import type { Facts } from '../callback/event.ts'
import type { Route } from '../callback/route.ts'
import type { AccountConfig, Config } from '../config/schema.ts'
import { accountRoute, applicationRoute, trunkRoute } from './build-route.ts'
import type { RegisteredCalls } from './call-routes.ts'
import { basicCredentials, policyOf, stricter } from './policy.ts'
import type { Scope } from './scope.ts'

/** The hierarchy of one account: per call → application → trunk → default. */
export class AccountRoutes {
  readonly id: string
  readonly scope: Scope
  readonly fallback: Route | undefined
  readonly applications: ReadonlyMap<string, Route>
  readonly trunks: ReadonlyMap<string, Route>
  readonly #calls: RegisteredCalls

  constructor(account: AccountConfig, defaults: Config['defaults'], calls: RegisteredCalls) {
    this.id = account.id
    this.#calls = calls
    this.fallback = accountRoute(account, defaults)
    this.applications = byId(account.applications.map((each) => applicationRoute(each, account, defaults)))
    this.trunks = byId(account.trunks.map((each) => trunkRoute(each, account, defaults)))
    this.scope = Object.freeze({
      kind: 'account',
      account: account.id,
      ring: account.id,
      signature: [...this.applications.values(), ...this.trunks.values()]
        .map((route) => route.signature)
        .reduce(stricter, policyOf(defaults, account).signature),
      basicAuth: basicCredentials(account.basic_auth),
      route: this.fallback,
    })
  }

  get routes(): readonly Route[] {
    const named = [...this.applications.values(), ...this.trunks.values()]
    return this.fallback === undefined ? named : [this.fallback, ...named]
  }

  /** The route that the call of a callback was registered with. */
  callRoute({ callId }: Facts): Route | undefined {
    return this.#calls.routeOf(this.id, callId)
  }

  /** Which route a callback on the account's own URL belongs to; the payload decides. */
  claim(facts: Facts): Route | undefined {
    return (
      this.#calls.routeOf(this.id, facts.callId) ??
      this.applications.get(facts.application) ??
      this.trunks.get(facts.trunk) ??
      this.fallback
    )
  }

  /**
   * Which route a callback on the URL of an application or trunk belongs to: its own, unless its call was registered.
   * A registered call that needs a stricter check than the one already made does not count.
   */
  claimWithin(own: Route, facts: Facts): Route {
    const call = this.#calls.routeOf(this.id, facts.callId)
    return call !== undefined && stricter(own.signature, call.signature) === own.signature ? call : own
  }
}

function byId(routes: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(routes.map((route) => [route.id, route]))
}
