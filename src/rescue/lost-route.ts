import type { Route } from '../callback/route.ts'

/** Stands for a route that the configuration names no more, so that what waited on it can be given up under its name. */
export function lostRoute(id: string): Route {
  return {
    id,
    scope: 'path',
    account: undefined,
    targets: [nowhere],
    prefix: undefined,
    events: undefined,
    kind: 'auto',
    signature: 'enforce',
    resign: false,
    preserveHost: false,
    responseContract: 'off',
    method: undefined,
    headers: [],
    deadlineMs: 0,
    marginMs: 0,
    onFailure: 'rescue',
    reply: 'handler',
    staticReply: undefined,
    basicAuth: undefined,
  }
}

/** `.invalid` never resolves (RFC 6761). */
const nowhere = {
  role: 'primary',
  origin: 'https://removed.invalid',
  hostname: 'removed.invalid',
  path: '/',
  label: 'https://removed.invalid/',
  authorization: undefined,
  connectTimeoutMs: undefined,
  responseTimeoutMs: undefined,
} as const
