import { type AdminAccess, createGate, type Gate } from '../../src/admin/access/gate.ts'
import { createAdminServer, type AdminOptions, type AdminServer } from '../../src/admin/server.ts'
import type { AdminParts } from '../../src/admin/parts.ts'
import type { AuditRow, RouteView, StreamEvent } from '../../src/admin/api.ts'
import { RingbackError } from '../../src/errors.ts'
import type { IncidentRow, MarkerRow, SilenceRow } from '../../src/ledger/alert-store.ts'
import type { ChannelTest, DrillView } from '../../src/admin/alert-api.ts'
import type { Registration } from '../../src/ledger/ledger.ts'
import { pageTextOf } from '../../src/ledger/stored/page-text.ts'
import type { AttemptRow, CallbackFilter, CallbackRow, Page } from '../../src/ledger/rows.ts'

// An admin server over parts that live in memory: what the API does is real, what it shows is made up here.

export function callbackRow(more: Partial<CallbackRow> & { readonly id: string }): CallbackRow {
  return {
    received_at: 1_795_444_000_000,
    route: 'app-12345',
    account: 'MA_TEST123',
    event: 'call.completed',
    raw_event: '',
    call_id: 'call-1',
    kind: 'notify',
    method: 'POST',
    path: '/vobiz/MA_TEST123',
    verdict: 'verified',
    result: 'delivered',
    blame: '',
    reason: '',
    attempts: 1,
    last_outcome: 'ok',
    answer_status: 200,
    answer_ms: 12.5,
    body_bytes: 120,
    duplicate_of: '',
    peer: '203.0.113.9',
    traceparent: '',
    ...more,
  }
}

export function attemptRow(more: Partial<AttemptRow> & { readonly callback_id: string }): AttemptRow {
  return {
    number: 1,
    target: 'primary',
    url: 'https://api.example.com/hook',
    via: 'live',
    started_at: 1_795_444_000_001,
    outcome: 'http_5xx',
    status: 502,
    dns_ms: 1,
    connect_ms: 2,
    tls_ms: 3,
    first_byte_ms: 130,
    total_ms: 143,
    error: 'answered 502 Bad Gateway',
    resent: false,
    reply: {
      headers: ['content-type', 'text/plain'],
      body: 'bad gateway',
      body_bytes: 11,
      is_truncated: false,
      is_redacted: false,
    },
    ...more,
  }
}

const route: RouteView = {
  id: 'app-12345',
  scope: 'application',
  account: 'MA_TEST123',
  public_url: 'https://callbacks.example.com/vobiz/MA_TEST123/applications/app-12345',
  targets: [{ role: 'primary', url: 'https://api.example.com/hook', failures: 2, is_skipped: false }],
  events: null,
  kind: 'auto',
  signature: 'enforce',
  method: null,
  deadline_ms: 3000,
  alert_after: 3,
  on_failure: 'rescue',
  reply: 'handler',
}

const incident: IncidentRow = {
  id: '01KAJ0000000000000000000I1',
  rule: 'consecutive_failures',
  route: 'app-12345',
  target: 'primary',
  target_label: 'https://api.example.com/hook',
  severity: 'critical',
  reason: '3 failures in a row: answered 502',
  since: 1_795_444_000_000,
  opened_at: 1_795_444_003_000,
  closed_at: null,
  close_reason: '',
  value: 3,
  callbacks: 3,
  first_failure: null,
  recent_failures: [],
  told_at: 1_795_444_003_000,
  reminders: 0,
  acked_by: '',
  ack_comment: '',
  acked_until: 0,
  cause: '',
  places: [{ route: 'app-12345', target: 'primary' }],
  context: [],
}

export const aDrill: DrillView = {
  id: '01KDRILL000000000000000001',
  started_by: 'ana',
  started_at: 1_795_444_000_000,
  ended_at: null,
  state: 'firing',
  problem: '',
  incident_id: '',
  failed_at: null,
  mended_at: null,
  channels: [{ channel: 'slack', fired_at: null, resolved_at: null, problem: '' }],
}

const soon = <T>(value: T): Promise<T> => Promise.resolve(value)

function isWanted(row: CallbackRow, filter: CallbackFilter): boolean {
  const { since = 0, until = Infinity, after = '~' } = filter
  const equal = [
    [filter.route, row.route],
    [filter.event, row.event],
    [filter.call_id, row.call_id],
    [filter.result, row.result],
    [filter.outcome, row.last_outcome],
  ].every(([wanted, value]) => wanted === undefined || wanted === value)
  const isFailed = ['failed', 'rescued', 'dead', 'rejected'].includes(row.result)
  const isIn = row.received_at >= since && row.received_at < until && row.id < after
  return equal && isIn && (filter.failed !== true || isFailed)
}

/** Rows newest first, paged by id, as the contract of the ledger has it. */
function pageOf(rows: readonly CallbackRow[], filter: CallbackFilter): Page<CallbackRow> {
  const wanted = rows.filter((row) => isWanted(row, filter)).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const page = wanted.slice(0, filter.limit)
  return { rows: page, next: wanted.length > page.length ? (page.at(-1)?.id ?? null) : null }
}

export class FakeParts implements AdminParts {
  rows: CallbackRow[] = []
  attemptRows: AttemptRow[] = []
  incidentRows: IncidentRow[] = [incident]
  registrations: Registration[] = []
  audited: AuditRow[] = []
  failures: unknown[] = []
  reasons: string[] = []
  reloadError: RingbackError | undefined
  ledgerProblem = ''
  nowMs = 1_795_444_100_000
  listeners = new Set<(event: StreamEvent) => void>()

  clock = { wall: () => this.nowMs, mono: () => performance.now() }
  reader: AdminParts['reader'] = {
    callbacks: (filter) =>
      this.ledgerProblem === ''
        ? soon(pageOf(this.rows, filter))
        : Promise.reject(new RingbackError('ledger', this.ledgerProblem)),
    pageText: async (filter, form) => pageTextOf(await this.reader.callbacks(filter), form, filter),
    callback: async (id) => {
      const row = this.rows.find((each) => each.id === id)
      return row && { ...row, request: null, attempt_rows: await this.reader.attempts(id) }
    },
    attempts: (id) => soon(this.attemptRows.filter((row) => row.callback_id === id)),
    withAttempts: async (ids) => {
      const found = this.rows.filter(({ id }) => ids.includes(id))
      return Promise.all(
        found.map(async (row) =>
          Object.assign({}, row, { attempt_rows: await this.reader.attempts(row.id) }),
        ),
      )
    },
    history: (since, step) =>
      soon([{ route: 'app-12345', at: since - (since % step) + step, callbacks: 10, failed: 1 }]),
    call: (callId) => soon(this.rows.filter((row) => row.call_id === callId)),
    routes: () =>
      soon([
        {
          route: 'app-12345',
          callbacks: 10,
          failed: 1,
          p50_ms: 12,
          p95_ms: 80,
          p99_ms: 150,
          last_received_at: 1_795_444_000_000,
          last_success_at: null,
        },
      ]),
  }
  calls: AdminParts['calls'] = {
    register: (registration) => {
      if (registration.account !== 'MA_TEST123') {
        return Promise.reject(new RingbackError('not_found', 'no such account'))
      }
      this.registrations.push(registration)
      return soon(`https://callbacks.example.com/c/${registration.token}`)
    },
    remove: (token) => {
      const before = this.registrations.length
      this.registrations = this.registrations.filter((each) => each.token !== token)
      return soon(this.registrations.length < before)
    },
  }
  rescue: AdminParts['rescue'] = {
    deadLetters: () => soon([]),
    requeue: ({ ids }) => soon(ids ?? []),
    discard: ({ ids }) => soon(ids ?? []),
  }
  reconciliation: AdminParts['reconciliation'] = {
    report: () => ({ is_configured: false, accounts: [], findings: [] }),
    run: () => Promise.resolve(),
  }
  replays: AdminParts['replays'] = {
    plan: () => Promise.reject(new RingbackError('not_found', 'no such incident')),
    start: () => Promise.reject(new RingbackError('not_found', 'no such incident')),
    list: () => soon([]),
    get: () => soon(undefined),
    cancel: () => soon(undefined),
  }
  silences: SilenceRow[] = []
  markers: MarkerRow[] = []
  acknowledged: string[] = []
  channelTests: ChannelTest[] = [{ channel: 'slack', is_accepted: true, note: '', ms: 12 }]
  alerting: AdminParts['alerting'] = {
    acknowledge: async (id, { by, comment }) => {
      const isOpen = await soon(this.incidentRows.some((row) => row.id === id))
      if (isOpen) this.acknowledged.push(`${id} ${by} ${comment}`)
      return isOpen
    },
    silence: async (silence) => {
      this.silences.push(silence)
      await soon(undefined)
    },
    endSilence: (id) => {
      const before = this.silences.length
      this.silences = this.silences.filter((each) => each.id !== id)
      return soon(this.silences.length < before)
    },
    mark: async (marker) => {
      this.markers.push(marker)
      await soon(undefined)
    },
    explain: (route) => [
      {
        route,
        rule: 'failure_rate',
        target: '',
        is_on: true,
        is_firing: false,
        verdict: 'unclear',
        value: 0.12,
        reason: '12 of 100 callbacks failed in 5 min (12 %, limit 20 %)',
        held: '',
      },
    ],
    test: (channel) =>
      soon(this.channelTests.filter((each) => channel === undefined || each.channel === channel)),
  }
  drillRuns: DrillView[] = []
  drills: AdminParts['drills'] = {
    start: (by) => this.drillRuns[0] ?? { ...aDrill, started_by: by },
    list: () => this.drillRuns,
    get: () => this.drillRuns.shift(),
  }
  incidents: AdminParts['incidents'] = {
    silences: () => soon(this.silences),
    markers: () => soon(this.markers),
    incidents: (filter) =>
      soon(
        this.incidentRows.filter(
          (row) => filter.open === undefined || (row.closed_at === null) === filter.open,
        ),
      ),
    incident: (id) => soon(this.incidentRows.find((row) => row.id === id)),
    incidentCallbacks: () => soon(['01KAJ00000000000000000000A']),
    notifications: () => soon([]),
  }
  routes = () => [route]
  health = () => ({ is_ready: this.reasons.length === 0, reasons: this.reasons })
  status: AdminParts['status'] = () =>
    soon({
      ...this.health(),
      version: '0.1.0',
      node: 'v26.0.0',
      started_at: this.nowMs - 3_600_000,
      public_url: 'https://callbacks.example.com',
      listen: '0.0.0.0:8080',
      config: { source: 'ringback.yaml', loaded_at: this.nowMs - 3_600_000, problem: '' },
      ledger: {
        store: 'sqlite:data/ringback.db',
        is_writable: true,
        problem: '',
        queued: 0,
        callbacks: this.rows.length,
        bytes: 4096,
      },
      routes: 1,
      in_flight: 0,
      workers: null,
      alerts_firing: this.incidentRows.length,
      rescue: { waiting: 0, oldest_at: null, dead: 0 },
    })
  metricsType = 'text/plain; version=0.0.4; charset=utf-8'
  metricsText: AdminParts['metricsText'] = async function* () {
    yield await soon('ringback_build_info 1\n')
  }
  reload: AdminParts['reload'] = (isDryRun) =>
    this.reloadError === undefined
      ? soon({
          dry_run: isDryRun,
          changes: [{ field: 'routes.ivr.target', text: 'changed', needs_restart: false }],
          warnings: [],
        })
      : Promise.reject(this.reloadError)
  configuration: AdminParts['configuration'] = () => ({
    source: 'ringback.yaml',
    loaded_at: this.nowMs,
    problem: '',
    rows: [],
  })
  explainRoute: AdminParts['explainRoute'] = () =>
    Promise.reject(new RingbackError('not_found', 'no such callback'))
  trial: AdminParts['trial'] = undefined
  testCallback: AdminParts['testCallback'] = ({ event }) =>
    soon({
      url: 'https://callbacks.example.com/vobiz/MA_TEST123',
      call_id: `test-${event}`,
      status: 200,
      ms: 12,
      content_type: 'application/json',
      body: '{}',
    })
  subscribe: AdminParts['subscribe'] = (listener) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  toldAfter: AdminParts['toldAfter'] = () => ({ events: [], isWhole: false })
  caughtUp: AdminParts['caughtUp'] = () => Promise.resolve()
  audit: AdminParts['audit'] = {
    add: (entry) => void this.audited.push({ ...entry, id: String(this.audited.length) }),
    list: () => soon(this.audited.toReversed()),
  }
  diagnoseSignature: AdminParts['diagnoseSignature'] = () =>
    Promise.reject(new RingbackError('not_found', 'no such callback'))
  failed: AdminParts['failed'] = (error) => {
    this.failures.push(error)
  }

  tell(event: StreamEvent): void {
    for (const listener of this.listeners) listener(event)
  }
}

export const openAccess: AdminAccess = { tokens: [], hasPublicMetrics: true, hostNames: [] }

/** A gate where no token is configured. */
export const openGate: Gate = createGate(
  { host: '127.0.0.1', access: () => openAccess },
  { wall: () => Date.now(), mono: () => performance.now() },
)

export function token(name: string, role: 'read' | 'replay' | 'admin') {
  return { name, role, token: { reveal: () => `${name}-token-0123456789` } }
}

export async function startAdmin({
  tokens,
  hasPublicMetrics,
  hostNames,
  ...more
}: Partial<AdminOptions & AdminAccess> = {}): Promise<
  AsyncDisposable & {
    readonly parts: FakeParts
    readonly server: AdminServer
    readonly url: string
    /** As a reload does it. */
    configure(access: Partial<AdminAccess>): void
  }
> {
  const parts = new FakeParts()
  let access: AdminAccess = {
    tokens: tokens ?? openAccess.tokens,
    hasPublicMetrics: hasPublicMetrics ?? openAccess.hasPublicMetrics,
    hostNames: hostNames ?? openAccess.hostNames,
  }
  const server = createAdminServer(parts, {
    host: '127.0.0.1',
    port: 0,
    access: () => access,
    version: '0.1.0',
    pageFolder: 'no-such-folder',
    ...more,
  })
  await server.listen()
  return {
    parts,
    server,
    url: server.address,
    configure(changed) {
      access = { ...access, ...changed }
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}
