import type { Attempt } from '../../src/callback/attempt.ts'
import type { Outcome } from '../../src/callback/outcome.ts'
import type { Role, Route, Target } from '../../src/callback/route.ts'

/** A route as metrics see it: only its id, targets and signature mode matter. */
export function routeNamed(id: string, roles: readonly Role[] = ['primary', 'fallback']): Route {
  const [first = 'primary', ...others] = roles
  return {
    id,
    scope: 'path',
    account: undefined,
    targets: [targetOf(first), ...others.map(targetOf)],
    prefix: undefined,
    events: undefined,
    kind: 'auto',
    signature: 'enforce',
    resign: true,
    preserveHost: false,
    responseContract: 'observe',
    method: undefined,
    headers: [],
    deadlineMs: 3000,
    marginMs: 200,
    onFailure: 'rescue',
    reply: 'handler',
    staticReply: undefined,
    basicAuth: undefined,
  }
}

export function attemptOf(role: Role, outcome: Outcome, seconds: number): Attempt {
  return {
    number: 1,
    target: targetOf(role),
    via: 'live',
    startedAt: 0,
    outcome,
    phases: {
      dns: Number.NaN,
      connect: Number.NaN,
      tls: Number.NaN,
      firstByte: seconds * 1000,
      total: seconds * 1000,
    },
    status: outcome === 'ok' ? 200 : 0,
    error: '',
    resent: false,
    reply: undefined,
  }
}

function targetOf(role: Role): Target {
  return {
    role,
    origin: 'http://127.0.0.1:1',
    hostname: '127.0.0.1',
    path: '/',
    label: 'http://127.0.0.1:1/',
    authorization: undefined,
    connectTimeoutMs: undefined,
    responseTimeoutMs: undefined,
  }
}
