import { z } from 'zod'

import { outcomes } from '../callback/outcome.ts'
import type {
  AttemptRow,
  CallbackDetail,
  CallbackRow,
  CallView,
  FailureRow,
  HealthView,
  IncidentDetail,
  IncidentRow,
  MessageRow,
  NotificationView,
  RegisteredCall,
  RouteList,
  RouteReport,
  RouteSummary,
  SessionView,
  StatusView,
  TestCallbackResult,
  TrialView,
} from './api.ts'

// The answers of the API as schemas, for the OpenAPI document. Each is held to its type: a field that is
// added to one and not to the other does not compile.

const flag = z.boolean().optional()
const time = z.int().meta({ description: 'Milliseconds since the epoch.' })
const ms = z.number().meta({ description: 'Milliseconds.' })
const outcome = z.enum(outcomes)
const severity = z.enum(['critical', 'warning', 'info'])

const message = named<MessageRow>()('Message', {
  headers: z.array(z.string()).meta({ description: 'Names and values in turn; secrets masked.' }),
  body: z.string().nullable().meta({ description: 'Null where bodies are not kept.' }),
  body_bytes: z.int(),
  is_truncated: z.boolean(),
  is_redacted: z.boolean(),
})

const callbackShape = {
  id: z.string(),
  received_at: time,
  route: z.string(),
  account: z.string(),
  event: z.string(),
  raw_event: z.string(),
  call_id: z.string(),
  kind: z.string(),
  method: z.string(),
  path: z.string(),
  verdict: z.string().meta({ description: 'verified, warned, unchecked or refused.' }),
  result: z.string().meta({ description: 'What became of it, or `pending`.' }),
  blame: z.string(),
  reason: z.string().meta({ description: 'Why it was not let in, for `rejected`.' }),
  attempts: z.int(),
  last_outcome: z.string(),
  answer_status: z.int(),
  answer_ms: ms,
  body_bytes: z.int(),
  duplicate_of: z.string(),
  peer: z.string(),
  traceparent: z.string(),
}
export const callbackRow = named<CallbackRow>()('Callback', callbackShape)

export const attemptRow = named<AttemptRow>()('Attempt', {
  callback_id: z.string(),
  number: z.int(),
  target: z.string(),
  url: z.string(),
  via: z.enum(['live', 'rescue', 'replay']),
  started_at: time,
  outcome: z.string(),
  status: z.int(),
  dns_ms: ms.nullable(),
  connect_ms: ms.nullable(),
  tls_ms: ms.nullable(),
  first_byte_ms: ms.nullable(),
  total_ms: ms.nullable(),
  error: z.string(),
  resent: z.boolean(),
  reply: message.nullable(),
})

export const callbackDetail = named<CallbackDetail>()('CallbackDetail', {
  ...callbackShape,
  next_attempt_at: time.nullish().meta({ description: 'When it is due again, if it waits.' }),
  request: message.nullable(),
  attempt_rows: z.array(attemptRow),
})

export const callView = named<CallView>()('Call', {
  call_id: z.string(),
  callbacks: z.array(callbackRow),
})

const routeSummary = named<RouteSummary>()('RouteSummary', {
  route: z.string(),
  callbacks: z.int(),
  failed: z.int(),
  p50_ms: ms.nullable(),
  p95_ms: ms.nullable(),
  p99_ms: ms.nullable(),
  last_received_at: time.nullable(),
  last_success_at: time.nullable(),
})

const roles = z.enum(['primary', 'fallback'])
const target = z.object({ role: roles, url: z.string(), failures: z.int(), is_skipped: z.boolean() })
const routeReport = named<RouteReport>()('Route', {
  id: z.string(),
  scope: z.enum(['call', 'application', 'trunk', 'account', 'path']),
  account: z.string().nullable(),
  public_url: z.string().nullable(),
  targets: z.array(target),
  events: z.array(z.string()).nullable(),
  kind: z.enum(['notify', 'xml', 'auto']),
  signature: z.enum(['enforce', 'warn', 'off']),
  method: z.enum(['GET', 'POST']).nullable(),
  deadline_ms: ms,
  alert_after: z.int().meta({ description: 'Failures in a row of a target that fire the alert.' }),
  on_failure: z.enum(['rescue', 'relay']),
  reply: z.enum(['handler', 'ack']),
  summary: routeSummary.nullable(),
  history: z
    .array(z.object({ at: time, callbacks: z.int(), failed: z.int() }))
    .meta({ description: 'The window in stretches of `step_ms`, oldest first, without a gap.' }),
})
export const routeList = named<RouteList>()('RouteList', {
  window_ms: ms,
  step_ms: ms,
  rows: z.array(routeReport),
})

export const registeredCall = named<RegisteredCall>()('RegisteredCall', {
  token: z.string(),
  public_url: z.string(),
  expires_at: time,
})

const failureRow = named<FailureRow>()('Failure', {
  callback_id: z.string(),
  call_id: z.string(),
  event: z.string(),
  at: time,
  outcome,
  status: z.int(),
  ms,
  error: z.string(),
  excerpt: z.string().optional().meta({ description: 'Beginning of the reply, redacted.' }),
  bytes: z.int().optional(),
})

const incidentShape = {
  id: z.string(),
  rule: z.string(),
  route: z.string(),
  target: z.string(),
  target_label: z.string(),
  severity,
  reason: z.string(),
  since: time,
  opened_at: time,
  closed_at: time.nullable().meta({ description: 'Null while it is open.' }),
  close_reason: z.string(),
  value: z.number(),
  callbacks: z.int(),
  first_failure: failureRow.nullable(),
  recent_failures: z.array(failureRow),
  told_at: time,
  reminders: z.int(),
  acked_by: z.string(),
  ack_comment: z.string(),
  acked_until: time,
  cause: z.string().meta({ description: 'Shared by routes that broke for the same reason; may be empty.' }),
  places: z.array(z.object({ route: z.string(), target: z.string(), is_over: flag, is_untold: flag })),
  context: z.array(z.tuple([z.string(), z.string()])).meta({ description: 'What was known when it fired.' }),
}
export const incidentRow = named<IncidentRow>()('Incident', incidentShape)

export const notificationView = named<NotificationView>()('Notification', {
  id: z.string(),
  incident_id: z.string(),
  channel: z.string(),
  kind: z.enum(['firing', 'reminder', 'resolved', 'summary', 'test']),
  state: z.enum(['pending', 'sending', 'sent', 'failed', 'merged']),
  created_at: time,
  due_at: time,
  tries: z.int(),
  sent_at: time.nullable(),
  last_error: z.string(),
})

export const incidentDetail = named<IncidentDetail>()('IncidentDetail', {
  ...incidentShape,
  callback_ids: z.array(z.string()).meta({ description: 'At most the first 1000.' }),
  notifications: z.array(notificationView),
})

const healthShape = {
  is_ready: z.boolean(),
  reasons: z.array(z.string()),
}
export const healthView = named<HealthView>()('Health', healthShape)

export const statusView = named<StatusView>()('Status', {
  ...healthShape,
  version: z.string(),
  node: z.string(),
  started_at: time,
  public_url: z.string().nullable(),
  listen: z.string(),
  config: z.object({ source: z.string(), loaded_at: time, problem: z.string() }),
  ledger: z.object({
    store: z.string(),
    is_writable: z.boolean(),
    problem: z.string(),
    queued: z.int(),
    callbacks: z.int(),
    bytes: z.int(),
  }),
  routes: z.int(),
  in_flight: z.int(),
  workers: z.object({ wanted: z.int(), serving: z.int(), lost: z.int() }).nullable(),
  alerts_firing: z.int(),
  rescue: z.object({ waiting: z.int(), oldest_at: time.nullable(), dead: z.int() }),
})

export const testCallbackResult = named<TestCallbackResult>()('TestCallbackResult', {
  url: z.string(),
  call_id: z.string(),
  status: z.int(),
  ms,
  content_type: z.string(),
  body: z.string(),
})

export const trialView = named<TrialView>()('Trial', { handler: z.enum(['healthy', 'broken']) })

export const sessionView = named<SessionView>()('Session', {
  needs_token: z.boolean(),
  name: z.string().nullable(),
  role: z.enum(['read', 'replay', 'admin']).nullable(),
})

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

export function pageOf(row: z.ZodType) {
  return z.object({
    rows: z.array(row),
    next: z.string().nullable().meta({ description: 'Cursor for `after`; null at the end.' }),
  })
}

export function listOf(row: z.ZodType) {
  return z.object({ rows: z.array(row) })
}

/** An object schema that has exactly the fields of a type, and a name in the OpenAPI document. */
export function named<Type extends object>() {
  return <Shape extends { readonly [Key in keyof Type]-?: z.ZodType<Type[Key]> }>(
    id: string,
    shape: Shape & { readonly [Key in Exclude<keyof Shape, keyof Type>]: never },
  ) => z.object(shape).meta({ id })
}
