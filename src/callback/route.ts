import type { Kind } from './kind.ts'

export type Role = 'primary' | 'fallback'

/** One handler URL. Credentials of the URL are taken out of it when the route is built and never stand in a text. */
export interface Target {
  readonly role: Role
  /** scheme://host[:port], what a connection is made to. */
  readonly origin: string
  readonly hostname: string
  /** Path and query of the configured URL; for prefix routes the rest of the dialled path is appended. */
  readonly path: string
  /** The URL as it may be shown to people: no user, no password, query values masked. */
  readonly label: string
  /** Ready `Authorization` value from user:password@ in the URL; a secret. */
  readonly authorization: string | undefined
  /** From `#ct=…` in the URL: longest time to connect, milliseconds. */
  readonly connectTimeoutMs: number | undefined
  /** From `#rt=…` in the URL: longest time from connect to the whole reply, milliseconds. */
  readonly responseTimeoutMs: number | undefined
}

/** A static document that stands in for a handler's answer on xml callbacks. */
export interface StaticReply {
  readonly contentType: string
  readonly body: string
}

export type RouteScope = 'call' | 'application' | 'trunk' | 'account' | 'path'

/** The route of a drill: synthetic callbacks to a handler of our own. It is there only while a drill runs. */
export const DRILL_ROUTE = 'ringback-drill'

/** Which callbacks go to which targets, under which policy; built from the configuration and never changed. */
export interface Route {
  /** Stable id: metric label, ledger column, name in alerts. */
  readonly id: string
  readonly scope: RouteScope
  /** Account whose keys verify and sign; undefined on a path route without one. */
  readonly account: string | undefined
  /** Primary first; the fallback, if any, second. */
  readonly targets: readonly [Target, ...Target[]]
  /** For path routes: the prefix that is cut off before the rest is appended to the target; undefined elsewhere. */
  readonly prefix: string | undefined
  /** Long names of the events wanted; undefined means all. */
  readonly events: ReadonlySet<string> | undefined
  readonly kind: Kind | 'auto'
  readonly signature: 'enforce' | 'warn' | 'off'
  /** Signatures over the dialled URL are made afresh for the URL of the handler, where the keys for it are there. */
  readonly resign: boolean
  /** The handler gets the host that the provider dialled as its Host. */
  readonly preserveHost: boolean
  /** Are answers that the provider executes checked, and does a broken one count as a failure? */
  readonly responseContract: 'off' | 'observe' | 'protect'
  /** Method for the handler; undefined keeps the method of the callback. */
  readonly method: 'GET' | 'POST' | undefined
  /** Headers added for the handler, names and values in turn; the values are secrets. */
  readonly headers: readonly string[]
  /** The provider's deadline, milliseconds from arrival. */
  readonly deadlineMs: number
  /** Answer before `deadlineMs - marginMs`. */
  readonly marginMs: number
  readonly onFailure: 'rescue' | 'relay'
  /** 'ack' answers 200 as soon as the row is durable and delivers afterwards. */
  readonly reply: 'handler' | 'ack'
  readonly staticReply: StaticReply | undefined
  /** Are callback URLs inside XML answers captured? Absent: no. */
  readonly rewriteXml?: boolean
  /** `Authorization` values that open this route on the public port (Basic); undefined leaves it open. */
  readonly basicAuth: readonly string[] | undefined
}
