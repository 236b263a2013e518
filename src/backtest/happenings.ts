import type { Attempt, Delivery, DeliveryResult, RefusalReason, Via } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Role, Route, Target } from '../callback/route.ts'
import type { Past, PastAttempt, PastCallback } from '../ledger/past.ts'
import { TimedQueue } from './timed-queue.ts'

/** What the engine was told at a moment of the past, and what then stood in the rescue queue. */
export type Happening =
  | { readonly kind: 'attempted'; readonly exchange: Exchange; readonly attempt: Attempt }
  | {
      readonly kind: 'settled'
      readonly exchange: Exchange
      readonly delivery: Delivery
      /** How the rescue queue of the route changed: one waits, one was delivered late, one was given up. */
      readonly queue: 'none' | 'waits' | 'arrived' | 'dead'
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly route: string }

export interface Moment {
  readonly at: number
  readonly happening: Happening
}

const noBytes = new Uint8Array()

/**
 * Everything that the engine would have been told from `from` to `to`, in the order in which it was decided: an attempt
 * when it ended, a callback when it was answered. Callbacks of routes that are not configured are told to `onSkipped`.
 */
export async function* happenings(
  past: Past,
  span: { readonly from: number; readonly to: number },
  routes: { readonly routeOf: (id: string) => Route | undefined; readonly onSkipped: () => void },
): AsyncGenerator<Moment> {
  const due = new TimedQueue<Happening>()
  const refusals = (await past.refusals(span.from, span.to))[Symbol.iterator]()
  let refusal = refusals.next()
  function* until(at: number): Generator<Moment> {
    for (let next = due.nextAt(); next <= at; next = due.nextAt()) {
      const happening = due.take()
      if (happening !== undefined && next <= span.to) yield { at: next, happening }
    }
  }
  for await (const row of each(past.callbacks(span.from, span.to))) {
    while (refusal.done !== true && refusal.value.received_at <= row.received_at) {
      const { received_at, reason, route } = refusal.value
      due.add(received_at, { kind: 'refused', reason: reason as RefusalReason, route }) // the column holds what a Refusal held
      refusal = refusals.next()
    }
    yield* until(row.received_at)
    const route = routes.routeOf(row.route)
    if (route === undefined) routes.onSkipped()
    else schedule(row, route, due)
  }
  for (; refusal.done !== true; refusal = refusals.next()) {
    const { received_at, reason, route } = refusal.value
    due.add(received_at, { kind: 'refused', reason: reason as RefusalReason, route })
  }
  yield* until(span.to)
}

async function* each(pages: ReturnType<Past['callbacks']>): AsyncGenerator<PastCallback> {
  for await (const page of pages) yield* page
}

/** Puts what became of one callback where it belongs in time. */
function schedule(row: PastCallback, route: Route, due: TimedQueue<Happening>): void {
  const exchange = exchangeOf(row, route)
  let endedAt = row.received_at
  for (const each of row.attempts) {
    const at = each.started_at + (each.total_ms ?? 0)
    endedAt = Math.max(endedAt, at)
    due.add(at, { kind: 'attempted', exchange, attempt: attemptOf(each, route) })
  }
  const live = liveEndOf(row)
  if (live === undefined) return
  const lastOutcome = row.attempts.findLast(({ via }) => via === 'live')?.outcome
  const delivery = {
    blame: undefined,
    lastOutcome,
    answerStatus: row.answer_status,
    answerMs: row.answer_ms,
    dueAt: undefined,
    answer: undefined,
  }
  const queue = live === 'rescued' ? 'waits' : live === 'dead' ? 'dead' : 'none'
  const settled = { kind: 'settled', exchange, queue } as const
  due.add(row.received_at + row.answer_ms, { ...settled, delivery: { ...delivery, result: live } })
  if (live !== 'rescued' || row.result === 'rescued') return
  const result = row.result === 'dead' ? 'dead' : 'delivered_late'
  due.add(Math.max(endedAt, row.received_at + row.answer_ms), {
    ...settled,
    queue: result === 'dead' ? 'dead' : 'arrived',
    delivery: { ...delivery, result, fence: 0 },
  })
}

/** What the callback came to while the provider waited; the ledger keeps what it came to in the end. */
function liveEndOf({ result, attempts }: PastCallback): DeliveryResult | undefined {
  switch (result) {
    case 'delivered':
    case 'failed':
    case 'filtered':
    case 'rescued':
      return result
    case 'delivered_late':
      return 'rescued'
    case 'dead':
      return attempts.some(({ via }) => via !== 'live') ? 'rescued' : 'dead'
    default:
      return undefined
  }
}

function exchangeOf(row: PastCallback, route: Route): Exchange {
  return {
    callback: {
      id: row.id,
      receivedAt: row.received_at,
      startedAt: 0,
      method: row.method === 'GET' ? 'GET' : 'POST',
      path: '',
      query: '',
      headers: '',
      body: noBytes,
      peer: '',
    },
    route,
    facts: {
      event: row.event,
      rawEvent: '',
      callId: row.call_id,
      account: '',
      application: '',
      trunk: '',
      discriminator: '',
      kind: 'notify',
      isProbe: row.method === 'GET' && row.call_id === '', // as callback/facts.ts tells it
    },
    kind: 'notify',
    verdict: 'verified',
    guardKey: '',
    bodyHash: '',
    duplicateOf: row.duplicate_of === '' ? undefined : row.duplicate_of,
    traceparent: '',
  }
}

function attemptOf(row: PastAttempt, route: Route): Attempt {
  const total = row.total_ms ?? Number.NaN
  return {
    number: row.number,
    target: targetOf(row, route),
    via: row.via as Via, // the column holds what an Attempt held
    startedAt: row.started_at,
    outcome: row.outcome,
    phases: { dns: Number.NaN, connect: Number.NaN, tls: Number.NaN, firstByte: Number.NaN, total },
    status: row.status,
    error: row.error,
    resent: false,
    reply: undefined,
  }
}

/** The target as it was dialled, which may not be the one that is configured now. */
function targetOf({ target, url }: PastAttempt, route: Route): Target {
  const role: Role = target === 'fallback' ? 'fallback' : 'primary'
  const now = route.targets.find((each) => each.role === role && each.label === url)
  if (now !== undefined) return now
  const parsed = URL.parse(url)
  return {
    role,
    origin: parsed?.origin ?? url,
    hostname: parsed?.hostname ?? '',
    path: parsed?.pathname ?? '',
    label: url,
    authorization: undefined,
    connectTimeoutMs: undefined,
    responseTimeoutMs: undefined,
  }
}
