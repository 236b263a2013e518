import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import { ruleNames } from '../../alerts/rule.ts'
import { RingbackError } from '../../errors.ts'
import type { MarkerRow, SilenceRow } from '../../ledger/alert-store.ts'
import type { ChannelTest, RuleReport } from '../alert-api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { durationParam, limitParam, moment } from './query.ts'
import { listOf, named } from '../schemas.ts'

const tag = 'Alerts'
const MINUTE_MS = 60_000
const LONGEST_MS = 90 * 86_400_000
const id = z.string().regex(/^[\w.:-]{1,64}$/, 'is not an id')
const byId = z.strictObject({ id })
const by = z.string().min(1).max(64).meta({ description: 'Who says so.' })
const pattern = z.string().max(64).default('').meta({ description: 'Empty matches all, `*` any text.' })
const rulePattern = pattern.refine((text) => text === '' || text.includes('*') || isRule(text), {
  error: `matches no rule; there are ${ruleNames.join(', ')}`,
})
const severityPattern = pattern.refine((text) => text.includes('*') || severities.has(text), {
  error: 'matches no severity; there are critical, warning and info',
})
const time = z.int().meta({ description: 'Milliseconds since the epoch.' })
const expiry = (initial: string) => durationParam(MINUTE_MS, LONGEST_MS).prefault(initial)

const severities: ReadonlySet<string> = new Set(['', 'critical', 'warning', 'info'])

function isRule(text: string): boolean {
  return (ruleNames as readonly string[]).includes(text)
}

const silenceRow = named<SilenceRow>()('Silence', {
  id: z.string(),
  route: z.string(),
  rule: z.string(),
  target: z.string(),
  severity: z.string(),
  comment: z.string(),
  created_by: z.string(),
  created_at: time,
  starts_at: time,
  expires_at: time,
})

const markerRow = named<MarkerRow>()('Marker', {
  id: z.string(),
  at: time,
  text: z.string(),
  created_by: z.string(),
})

const ruleReport = named<RuleReport>()('RuleReport', {
  route: z.string(),
  rule: z.string(),
  target: z.string(),
  is_on: z.boolean(),
  is_firing: z.boolean(),
  verdict: z.enum(['bad', 'good', 'unclear']),
  value: z.number(),
  reason: z.string(),
  held: z.string().meta({ description: 'Why nobody is told although it fires.' }),
})

const channelTest = named<ChannelTest>()('ChannelTest', {
  channel: z.string(),
  is_accepted: z.boolean(),
  note: z.string(),
  ms: z.number(),
})

/** What people do about alerts: acknowledge, silence, explain, test; and markers of what they did before. */
export function alertHandlingEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [
    acknowledge(parts),
    silences(parts),
    addSilence(parts),
    endSilence(parts),
    markers(parts),
    addMarker(parts),
    explain(parts),
    test(parts),
  ]
}

function acknowledge({ alerting, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/incidents/{id}/ack',
    role: 'replay',
    tag,
    summary: 'Say that somebody looks after an incident: no reminders and no escalation until it expires',
    params: byId,
    body: z.strictObject({ by, comment: z.string().max(500).default(''), expires_in: expiry('8h') }),
    answer: {
      status: 200,
      description: 'Until when.',
      schema: z.object({ id: z.string(), acked_until: time }).meta({ id: 'Acknowledged' }),
    },
    async handle({ params, body }) {
      const until = clock.wall() + body.expires_in
      if (!(await alerting.acknowledge(params.id, { by: body.by, comment: body.comment, until }))) {
        throw new RingbackError(
          'not_found',
          `No open incident has the id ${params.id}; \`ringback alerts\` lists those that are open.`,
        )
      }
      return json({ id: params.id, acked_until: until })
    },
  })
}

function silences({ incidents, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/silences',
    role: 'read',
    tag,
    summary: 'List the silences that have not expired',
    answer: { status: 200, description: 'The silences, newest first.', schema: listOf(silenceRow) },
    async handle() {
      return json({ rows: await incidents.silences(clock.wall()) })
    },
  })
}

function addSilence({ alerting, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/silences',
    role: 'replay',
    tag,
    summary:
      'Keep people from being told of some alerts for a time; who was told of a firing is told of its end',
    body: z.strictObject({
      route: pattern,
      rule: rulePattern,
      target: pattern,
      severity: severityPattern,
      comment: z.string().min(1).max(500),
      by,
      expires_in: expiry('2h'),
    }),
    answer: { status: 201, description: 'The silence.', schema: silenceRow },
    async handle({ body: { by: created_by, expires_in, ...matchers } }) {
      const now = clock.wall()
      const times = { created_at: now, starts_at: now, expires_at: now + expires_in }
      const silence = { id: randomUUID(), ...matchers, created_by, ...times }
      await alerting.silence(silence)
      return json(silence, 201)
    },
  })
}

function endSilence({ alerting, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: '/api/v1/silences/{id}',
    role: 'replay',
    tag,
    summary: 'End a silence; what fires is told',
    params: byId,
    answer: {
      status: 200,
      description: 'When it ended.',
      schema: z.object({ id: z.string(), expires_at: time }).meta({ id: 'SilenceEnded' }),
    },
    async handle({ params }) {
      const now = clock.wall()
      if (await alerting.endSilence(params.id, now)) return json({ id: params.id, expires_at: now })
      throw new RingbackError(
        'not_found',
        `No silence has the id ${params.id}; \`ringback silence list\` lists them.`,
      )
    },
  })
}

function markers({ incidents, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/markers',
    role: 'read',
    tag,
    summary: 'List what people reported: deploys and the like',
    query: z.strictObject({ since: moment.prefault('7d'), limit: limitParam.default(50) }),
    answer: { status: 200, description: 'The markers, newest first.', schema: listOf(markerRow) },
    async handle({ query: { since, limit } }) {
      return json({ rows: await incidents.markers(since(clock.wall()), limit) })
    },
  })
}

function addMarker({ alerting, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/markers',
    role: 'replay',
    tag,
    summary: 'Report a deploy or another change; alerts that fire soon after say so',
    body: z.strictObject({ text: z.string().min(1).max(200), by }),
    answer: { status: 201, description: 'The marker.', schema: markerRow },
    async handle({ body }) {
      const marker = { id: randomUUID(), at: clock.wall(), text: body.text, created_by: body.by }
      await alerting.mark(marker)
      return json(marker, 201)
    },
  })
}

function explain({ alerting, routes }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/alerts/explain',
    role: 'read',
    tag,
    summary: 'Say of every rule why it fires on a route, or why not',
    query: z.strictObject({ route: z.string().min(1).max(64) }),
    answer: { status: 200, description: 'Each rule with what it measured.', schema: listOf(ruleReport) },
    handle({ query: { route } }) {
      if (!routes().some((each) => each.id === route)) {
        throw new RingbackError('not_found', `There is no route ${route}; \`ringback urls\` lists them.`)
      }
      return json({ rows: alerting.explain(route) })
    },
  })
}

function test({ alerting }: AdminParts): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/alerts/test',
    role: 'replay',
    tag,
    summary: 'Send a test message through one channel or all, past the queue, and say what each one answered',
    body: z.strictObject({ channel: z.string().max(64).optional() }).prefault({}),
    answer: { status: 200, description: 'What each channel said.', schema: listOf(channelTest) },
    async handle({ body: { channel } }) {
      const rows = await alerting.test(channel)
      if (rows.length > 0) return json({ rows })
      throw new RingbackError(
        'not_found',
        channel === undefined
          ? 'No channel is configured; name one under `notify`, such as notify.slack.'
          : `There is no channel ${channel}; \`ringback alerts test\` asks every one that is configured.`,
      )
    },
  })
}
