import type { Route } from '../callback/route.ts'
import type { AccountConfig, Config } from '../config/schema.ts'
import type { Registration } from '../ledger/ledger.ts'
import { callRoute, capturedRoute } from './build-route.ts'
import type { Scope } from './scope.ts'

/** Per-call callback URLs in memory; the ledger keeps them across restarts. */
export interface CallRoutes {
  /**
   * Takes effect at once; a second registration of a token replaces the first. False when its account is not configured.
   *
   * @throws RangeError when a target cannot be dialled; says what to write instead
   */
  add(registration: Registration): boolean
  remove(token: string): boolean
  /** Forgets what expired at or before this moment; returns how many. */
  expire(nowMs: number): number
  /** Everything registered, to hand over to the table of a new configuration. */
  list(): readonly Registration[]
  /** What a token was registered with. */
  get(token: string): Registration | undefined
}

interface Entry {
  readonly registration: Registration
  readonly scope: Scope
  readonly route: Route
}

/** The lookups that the route table does on the hot path. */
export class RegisteredCalls implements CallRoutes {
  readonly #accounts: ReadonlyMap<string, AccountConfig>
  readonly #defaults: Config['defaults']
  readonly #routeOf: (id: string) => Route | undefined
  readonly #byToken = new Map<string, Entry>()
  readonly #byCall = new Map<string, Entry>()
  /** Thousands of calls share a handful of handlers: one route for all that are registered alike. */
  readonly #alike = new Map<string, { readonly scope: Scope; readonly route: Route; uses: number }>()

  /** @param routeOf finds a route of the configuration by its id */
  constructor(config: Config, routeOf: (id: string) => Route | undefined) {
    this.#routeOf = routeOf
    this.#accounts = new Map(config.accounts.map((account) => [account.id, account]))
    this.#defaults = config.defaults
  }

  scopeOf(token: string): Scope | undefined {
    return this.#byToken.get(token)?.scope
  }

  /** The route that a call of an account was registered with, unless it lacks a call id or was not registered. */
  routeOf(account: string, callId: string): Route | undefined {
    if (callId === '' || this.#byCall.size === 0) return undefined
    return this.#byCall.get(callKey(account, callId))?.route
  }

  add(registration: Registration): boolean {
    const account = this.#accounts.get(registration.account)
    if (account === undefined) return false
    const { scope, route } = this.#use(registration, account)
    this.remove(registration.token)
    const entry = { registration, scope, route }
    this.#byToken.set(registration.token, entry)
    if (registration.call_id !== '') {
      this.#byCall.set(callKey(registration.account, registration.call_id), entry)
    }
    return true
  }

  remove(token: string): boolean {
    const entry = this.#byToken.get(token)
    if (entry === undefined) return false
    this.#byToken.delete(token)
    const call = callKey(entry.registration.account, entry.registration.call_id)
    // A later registration of the same call stays.
    if (this.#byCall.get(call) === entry) this.#byCall.delete(call)
    this.#release(alikeKey(entry.registration))
    return true
  }

  expire(nowMs: number): number {
    let expired = 0
    for (const [token, entry] of this.#byToken) {
      if (entry.registration.expires_at <= nowMs && this.remove(token)) expired++
    }
    return expired
  }

  list(): readonly Registration[] {
    return [...this.#byToken.values()].map((entry) => entry.registration)
  }

  get(token: string): Registration | undefined {
    return this.#byToken.get(token)?.registration
  }

  #use(registration: Registration, account: AccountConfig): { readonly scope: Scope; readonly route: Route } {
    const key = alikeKey(registration)
    const known = this.#alike.get(key)
    if (known !== undefined) {
      known.uses++
      return known
    }
    const { target, fallback_target: fallbackTarget, method, events } = registration
    const parts = { target, fallbackTarget, method, events }
    const base = registration.route === '' ? undefined : this.#routeOf(registration.route)
    const route =
      base?.account === account.id ? capturedRoute(base, parts) : callRoute(parts, account, this.#defaults)
    const scope: Scope = Object.freeze({
      kind: 'call',
      account: route.account,
      ring: registration.account,
      signature: route.signature,
      basicAuth: route.basicAuth,
      route,
    })
    const made = { scope, route, uses: 1 }
    this.#alike.set(key, made)
    return made
  }

  #release(key: string): void {
    const known = this.#alike.get(key)
    if (known !== undefined && --known.uses === 0) this.#alike.delete(key)
  }
}

/** Ids of accounts hold no blank, so the key is unambiguous. */
function callKey(account: string, callId: string): string {
  return `${account} ${callId}`
}

function alikeKey({ account, route, target, fallback_target, method, events }: Registration): string {
  return JSON.stringify([account, route, target, fallback_target, method, events])
}
