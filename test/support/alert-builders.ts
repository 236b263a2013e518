import type { Attempt, Delivery, Via } from '../../src/callback/attempt.ts'
import type { Exchange } from '../../src/callback/callback.ts'
import type { Outcome } from '../../src/callback/outcome.ts'
import type { Role, Route, Target } from '../../src/callback/route.ts'
import type { FailureRow, IncidentRow } from '../../src/ledger/alert-store.ts'

// Small complete values for the tests of alerts; each takes what the test is about.

export function aTarget(role: Role = 'primary', label = `https://${role}.example.com/hook`): Target {
  return {
    role,
    origin: new URL(label).origin,
    hostname: new URL(label).hostname,
    path: '/hook',
    label,
    authorization: undefined,
    connectTimeoutMs: undefined,
    responseTimeoutMs: undefined,
  }
}

/** A route to a handler of its own. */
export function aRouteTo(id: string): Route {
  return aRoute(id, aTarget('primary', `https://${id}.example.com/hook`))
}

export function aRoute(id = 'calls', ...targets: Target[]): Route {
  const [first = aTarget(), ...others] = targets
  return {
    id,
    scope: 'path',
    account: 'MA_TEST123',
    targets: [first, ...others],
    prefix: `/${id}/`,
    events: undefined,
    kind: 'auto',
    signature: 'enforce',
    resign: true,
    preserveHost: false,
    responseContract: 'off',
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

export function anExchange(route: Route, id: string, over: Partial<Exchange['facts']> = {}): Exchange {
  return {
    callback: {
      id,
      receivedAt: 0,
      startedAt: 0,
      method: 'POST',
      path: '/x',
      query: '',
      headers: '',
      body: new Uint8Array(),
      peer: '127.0.0.1',
    },
    route,
    facts: {
      event: 'call.completed',
      rawEvent: '',
      callId: `call-of-${id}`,
      account: 'MA_TEST123',
      application: '',
      trunk: '',
      discriminator: '',
      kind: 'notify',
      isProbe: false,
      ...over,
    },
    kind: 'notify',
    verdict: 'verified',
    guardKey: '',
    bodyHash: '',
    traceparent: '',
  }
}

export function anAttempt(
  outcome: Outcome,
  over: {
    target?: Target
    startedAt?: number
    via?: Via | undefined
    number?: number | undefined
    error?: string
    body?: string
  } = {},
): Attempt {
  return {
    number: over.number ?? (over.via === 'rescue' ? 2 : 1),
    target: over.target ?? aTarget(),
    via: over.via ?? 'live',
    startedAt: over.startedAt ?? 0,
    outcome,
    phases: { dns: NaN, connect: NaN, tls: NaN, firstByte: 12, total: 34 },
    status: outcome === 'ok' ? 200 : outcome === 'http_5xx' ? 500 : 0,
    error: over.error ?? (outcome === 'ok' ? '' : 'the handler broke'),
    resent: false,
    reply:
      over.body === undefined
        ? undefined
        : { status: 200, headers: ['Content-Type', 'text/plain'], body: new TextEncoder().encode(over.body) },
  }
}

export function aDelivery(): Delivery {
  return {
    result: 'delivered',
    blame: undefined,
    lastOutcome: 'ok',
    answerStatus: 200,
    answerMs: 40,
    dueAt: undefined,
    answer: undefined,
  }
}

export function aFailure(over: Partial<FailureRow> = {}): FailureRow {
  return {
    callback_id: '01K0000000000000000000000A',
    call_id: '7f3c1a52-6c1f-4b6e-9d1e-0a4b8f1c2d3e',
    event: 'call.completed',
    at: Date.UTC(2026, 10, 23, 15, 24, 5),
    outcome: 'http_5xx',
    status: 500,
    ms: 132,
    error: 'HTTP 500',
    ...over,
  }
}

export function anIncident(over: Partial<IncidentRow> = {}): IncidentRow {
  const failures = [5, 7, 9].map((second) =>
    aFailure({
      callback_id: `01K000000000000000000000${String(second).padStart(2, '0')}`,
      at: Date.UTC(2026, 10, 23, 15, 24, second),
    }),
  )
  return {
    id: '01KINCIDENT000000000000001',
    rule: 'consecutive_failures',
    route: 'calls',
    target: 'primary',
    target_label: 'https://api.example.com/webhooks/vobiz/calls',
    severity: 'critical',
    reason: '3 failures in a row',
    since: Date.UTC(2026, 10, 23, 15, 24, 5),
    opened_at: Date.UTC(2026, 10, 23, 15, 24, 9),
    closed_at: null,
    close_reason: '',
    value: 3,
    callbacks: 3,
    first_failure: failures[0] ?? null,
    recent_failures: failures,
    told_at: Date.UTC(2026, 10, 23, 15, 24, 9),
    reminders: 0,
    acked_by: '',
    ack_comment: '',
    acked_until: 0,
    cause: '',
    places: [{ route: over.route ?? 'calls', target: over.target ?? 'primary' }],
    context: [],
    ...over,
  }
}
