/** What stands behind one metric name; registration, docs/metrics.md and the tests of dashboards read this table. */
export interface MetricRow {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Help text of the exposition: one sentence. */
  readonly help: string
  /** A query that somebody would really ask. */
  readonly query: string
  /** Section of the configuration without which there is no series. */
  readonly onlyWith?: string
  /** Upper bounds of a histogram, without +Inf. */
  readonly buckets?: readonly number[]
}

/** One bucket ends exactly at the provider's 3 s, three lie between 1 s and 3 s so that p95 and p99 near it are sharp. */
export const answerBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5, 10] as const
const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const
const notifyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** Metrics with a `route` label: kept in cells, see route-layout.ts. */
export const routeTable = {
  received: {
    name: 'ringback_callbacks_received_total',
    type: 'counter',
    labels: ['route', 'event', 'verdict'],
    help: 'Requests on the public port, by event and by what was decided at the door.',
    query: 'sum by (verdict) (rate(ringback_callbacks_received_total[5m]))',
  },
  attempts: {
    name: 'ringback_delivery_attempts_total',
    type: 'counter',
    labels: ['route', 'target', 'outcome'],
    help: 'Requests forwarded to a handler, by how they ended.',
    query: 'sum by (outcome) (rate(ringback_delivery_attempts_total{route="calls"}[5m]))',
  },
  answerFaults: {
    name: 'ringback_answer_faults_total',
    type: 'counter',
    labels: ['route', 'fault'],
    help: 'Answers that broke the response contract of their route, by what was wrong first.',
    query: 'sum by (route, fault) (increase(ringback_answer_faults_total[1h])) > 0',
  },
  deliveries: {
    name: 'ringback_deliveries_total',
    type: 'counter',
    labels: ['route', 'result'],
    help: 'What became of callbacks. A rescued callback counts again as delivered_late or dead.',
    query: 'sum by (result) (increase(ringback_deliveries_total[1h]))',
  },
  deadlineMisses: {
    name: 'ringback_deadline_misses_total',
    type: 'counter',
    labels: ['route', 'blame'],
    help: 'Callbacks whose time ran out, by who is to blame.',
    query: 'sum by (blame) (increase(ringback_deadline_misses_total[1h]))',
  },
  signatureFailures: {
    name: 'ringback_signature_failures_total',
    type: 'counter',
    labels: ['route', 'reason'],
    help: 'Requests whose signature did not hold.',
    query: 'sum by (route, reason) (increase(ringback_signature_failures_total[1h])) > 0',
  },
  attemptDuration: {
    name: 'ringback_delivery_attempt_duration_seconds',
    type: 'histogram',
    labels: ['route', 'target', 'result'],
    help: 'Time of an attempt, from connecting to the complete reply; attempts that sent nothing are left out.',
    query:
      'histogram_quantile(0.95, sum by (le, route) (rate(ringback_delivery_attempt_duration_seconds_bucket[5m])))',
    buckets: answerBuckets,
  },
  responseDuration: {
    name: 'ringback_response_duration_seconds',
    type: 'histogram',
    labels: ['route', 'code'],
    help: 'Time from the arrival of a callback to the answer, as the provider saw it.',
    query: 'histogram_quantile(0.99, sum by (le) (rate(ringback_response_duration_seconds_bucket[5m])))',
    buckets: answerBuckets,
  },
  consecutiveFailures: {
    name: 'ringback_consecutive_failures',
    type: 'gauge',
    labels: ['route', 'target'],
    help: 'Failed callbacks in a row since the last success.',
    query: 'max by (route, target) (ringback_consecutive_failures) >= 3',
  },
  lastSuccess: {
    name: 'ringback_last_success_timestamp_seconds',
    type: 'gauge',
    labels: ['route', 'target'],
    help: 'When an attempt last succeeded; 0 when none did since the start.',
    query: 'time() - (ringback_last_success_timestamp_seconds > 0)',
  },
  lastReceived: {
    name: 'ringback_last_received_timestamp_seconds',
    type: 'gauge',
    labels: ['route'],
    help: 'When a callback was last let in; 0 when none was since the start.',
    query: 'time() - (ringback_last_received_timestamp_seconds > 0)',
  },
  rescueLength: {
    name: 'ringback_rescue_queue_length',
    type: 'gauge',
    labels: ['route'],
    help: 'Callbacks that were answered for the handler and wait for delivery.',
    query: 'sum by (route) (ringback_rescue_queue_length) > 0',
  },
  deadLetters: {
    name: 'ringback_dead_letters',
    type: 'gauge',
    labels: ['route'],
    help: 'Callbacks that were given up and wait for somebody to replay or drop them.',
    query: 'sum by (route) (ringback_dead_letters) > 0',
  },
  alertsFiring: {
    name: 'ringback_alerts_firing',
    type: 'gauge',
    labels: ['route', 'rule'],
    help: '1 while a rule of the built-in alerts holds on the route.',
    query: 'ringback_alerts_firing == 1',
  },
  breakerOpen: {
    name: 'ringback_breaker_open',
    type: 'gauge',
    labels: ['route', 'target'],
    help: '1 while the target is skipped because it kept failing.',
    query: 'ringback_breaker_open == 1',
  },
  certificateExpiry: {
    name: 'ringback_target_tls_cert_not_after_timestamp_seconds',
    type: 'gauge',
    labels: ['route', 'target'],
    help: 'When the certificate last shown by the handler expires; 0 when none was seen.',
    query: '(ringback_target_tls_cert_not_after_timestamp_seconds > 0) - time() < 14 * 86400',
  },
} as const satisfies Record<string, MetricRow>

/** Metrics of the whole process: held by prom-client, see process-metrics.ts. */
export const processTable = {
  buildInfo: {
    name: 'ringback_build_info',
    type: 'gauge',
    labels: ['version', 'nodejs'],
    help: 'Always 1; the labels say what is running.',
    query: 'count by (version) (ringback_build_info)',
  },
  inFlight: {
    name: 'ringback_deliveries_in_flight',
    type: 'gauge',
    labels: [],
    help: 'Callbacks that are under way.',
    query: 'max_over_time(ringback_deliveries_in_flight[5m])',
  },
  workers: {
    name: 'ringback_workers',
    type: 'gauge',
    labels: [],
    help: 'Processes that serve the public port; 1 where the daemon does it itself.',
    query: 'min_over_time(ringback_workers[5m])',
  },
  workersWanted: {
    name: 'ringback_workers_wanted',
    type: 'gauge',
    labels: [],
    help: 'Processes that should serve the public port, as configured; 1 where the daemon does it itself.',
    query: 'ringback_workers < ringback_workers_wanted',
  },
  workersLost: {
    name: 'ringback_workers_lost_total',
    type: 'counter',
    labels: [],
    help: 'Workers that ended without being told to; each is replaced.',
    query: 'increase(ringback_workers_lost_total[1h]) > 0',
  },
  rescueOldest: {
    name: 'ringback_rescue_queue_oldest_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'Arrival of the oldest callback that waits for rescue; 0 when none waits.',
    query: 'time() - (ringback_rescue_queue_oldest_timestamp_seconds > 0)',
  },
  outboxOldest: {
    name: 'ringback_alert_outbox_oldest_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the oldest notification that is not yet delivered was written; 0 when none waits.',
    query: 'time() - (ringback_alert_outbox_oldest_timestamp_seconds > 0)',
  },
  reloadSuccessful: {
    name: 'ringback_config_last_reload_successful',
    type: 'gauge',
    labels: [],
    help: '1 when the configuration in use is the one on disk at the last reload, 0 when that was refused.',
    query: 'ringback_config_last_reload_successful == 0',
  },
  notifications: {
    name: 'ringback_notifications_total',
    type: 'counter',
    labels: ['channel', 'kind', 'result'],
    help: 'Tries to hand a message to people.',
    query: 'sum by (channel, result) (increase(ringback_notifications_total[1h]))',
  },
  notificationDuration: {
    name: 'ringback_notification_duration_seconds',
    type: 'histogram',
    labels: ['channel'],
    help: 'Time that a channel took to accept or refuse a message.',
    query:
      'histogram_quantile(0.95, sum by (le, channel) (rate(ringback_notification_duration_seconds_bucket[1h])))',
    buckets: notifyBuckets,
  },
  ledgerWrites: {
    name: 'ringback_ledger_writes_total',
    type: 'counter',
    labels: ['result'],
    help: 'Rows handed to the ledger, by whether they were committed.',
    query: 'sum by (result) (rate(ringback_ledger_writes_total[5m]))',
  },
  ledgerCommit: {
    name: 'ringback_ledger_commit_duration_seconds',
    type: 'histogram',
    labels: [],
    help: 'Time of one group commit, with the sync to disk.',
    query: 'histogram_quantile(0.99, sum by (le) (rate(ringback_ledger_commit_duration_seconds_bucket[5m])))',
    buckets: commitBuckets,
  },
  reconciledCalls: {
    name: 'ringback_reconciliation_calls',
    type: 'gauge',
    labels: ['account', 'finding'],
    help: 'Calls in the window of the last reading of call records, by what does not fit; ok for those that do.',
    query: 'sum by (account, finding) (ringback_reconciliation_calls{finding!="ok"}) > 0',
    onlyWith: 'reconciliation',
  },
  reconciliations: {
    name: 'ringback_reconciliation_runs_total',
    type: 'counter',
    labels: ['account', 'result'],
    help: 'Readings of the call records of an account.',
    query: 'sum by (account) (increase(ringback_reconciliation_runs_total{result="failed"}[1h])) > 0',
    onlyWith: 'reconciliation',
  },
  reconciledAt: {
    name: 'ringback_reconciliation_last_success_timestamp_seconds',
    type: 'gauge',
    labels: ['account'],
    help: 'When the call records of an account were last read to the end.',
    query: 'time() - (ringback_reconciliation_last_success_timestamp_seconds > 0)',
    onlyWith: 'reconciliation',
  },
} as const satisfies Record<string, MetricRow>

/** Every metric of Ringback's own, in the order of the docs. */
export const ownMetrics: readonly MetricRow[] = [
  ...Object.values<MetricRow>(routeTable),
  ...Object.values<MetricRow>(processTable),
]
