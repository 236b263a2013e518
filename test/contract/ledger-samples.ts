import type { Attempt, Delivery } from '../../src/callback/attempt.ts'
import type { Callback, Exchange } from '../../src/callback/callback.ts'
import type { Facts } from '../../src/callback/event.ts'
import { createIdMaker } from '../../src/callback/id.ts'
import type { Route, Target } from '../../src/callback/route.ts'
import type { Refusal } from '../../src/ledger/ledger.ts'

const makeId = createIdMaker(Math.random)
/** Ids of one maker only rise, so arrivals in the past take a maker of their own. */
const idAt = (ms: number): string => (ms < Date.now() - 1000 ? createIdMaker(Math.random)(ms) : makeId(ms))

export const primary: Target = {
  role: 'primary',
  origin: 'http://127.0.0.1:9001',
  hostname: '127.0.0.1',
  path: '/hook',
  label: 'http://127.0.0.1:9001/hook',
  authorization: undefined,
  connectTimeoutMs: undefined,
  responseTimeoutMs: undefined,
}
export const fallback: Target = { ...primary, role: 'fallback', label: 'http://127.0.0.1:9002/hook' }

export const sampleRoute: Route = {
  id: 'app-1',
  scope: 'application',
  account: 'MA_TEST123',
  targets: [primary, fallback],
  prefix: undefined,
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

export interface Sample {
  readonly route?: Partial<Route>
  readonly callback?: Partial<Callback>
  readonly facts?: Partial<Facts>
  readonly exchange?: Partial<Exchange>
}

/** A callback as the pipeline hands it over; arrives now unless it says otherwise. */
export function sampleExchange({ route, callback, facts, exchange }: Sample = {}): Exchange {
  const receivedAt = callback?.receivedAt ?? Date.now()
  return {
    callback: {
      id: idAt(receivedAt),
      receivedAt,
      startedAt: 0,
      method: 'POST',
      path: '/vobiz/MA_TEST123',
      query: '',
      headers: 'Host: cb.example.com\r\nContent-Type: application/json\r\n',
      body: Buffer.from('{"event":"call.completed","from":"+14155551234"}'),
      peer: '192.0.2.1',
      ...callback,
    },
    route: { ...sampleRoute, ...route },
    facts: {
      event: 'call.completed',
      rawEvent: '',
      callId: 'call-1',
      account: 'MA_TEST123',
      application: 'app-1',
      trunk: '',
      discriminator: '',
      kind: 'notify',
      isProbe: false,
      ...facts,
    },
    kind: 'notify',
    verdict: 'verified',
    guardKey: '',
    bodyHash: '',
    duplicateOf: undefined,
    traceparent: '',
    ...exchange,
  }
}

export function sampleAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    target: primary,
    via: 'live',
    startedAt: Date.now(),
    outcome: 'ok',
    phases: { dns: Number.NaN, connect: 0.5, tls: Number.NaN, firstByte: 12.25, total: 13 },
    status: 200,
    error: '',
    resent: false,
    reply: { status: 200, headers: ['Content-Type', 'text/plain'], body: Buffer.from('fine') },
    ...changes,
  }
}

export const refused: Attempt = sampleAttempt({
  outcome: 'refused',
  status: 0,
  error: 'connection refused',
  reply: undefined,
})

export function sampleDelivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    result: 'delivered',
    blame: undefined,
    lastOutcome: 'ok',
    answerStatus: 200,
    answerMs: 15,
    dueAt: undefined,
    answer: undefined,
    ...changes,
  }
}

export const failed: Delivery = sampleDelivery({
  result: 'failed',
  blame: 'handler',
  lastOutcome: 'refused',
  answerStatus: 502,
})

export function rescuedUntil(dueAt: number): Delivery {
  return sampleDelivery({ result: 'rescued', blame: 'handler', lastOutcome: 'refused', dueAt })
}

export function sampleRefusal(changes: Partial<Refusal> = {}): Refusal {
  const receivedAt = changes.receivedAt ?? Date.now()
  return {
    id: idAt(receivedAt),
    receivedAt,
    route: '',
    reason: 'signature_bad',
    status: 401,
    method: 'POST',
    path: '/vobiz/MA_TEST123',
    peer: '192.0.2.9',
    ...changes,
  }
}
