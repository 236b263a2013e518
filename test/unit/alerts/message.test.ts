import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { incidentMessage } from '../../../src/alerts/messages/incident-message.ts'
import type { Report } from '../../../src/alerts/messages/incident-story.ts'
import { outcomes } from '../../../src/callback/outcome.ts'
import type { IncidentRow } from '../../../src/ledger/alert-store.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { aFailure, anIncident } from '../../support/alert-builders.ts'
import { slackProblems } from '../../support/slack-limits.ts'

const NOW = Date.UTC(2026, 10, 23, 15, 24, 9)

function tell(kind: Report['kind'], incident: IncidentRow, over: Partial<Report> = {}): Message {
  const now = incident.closed_at ?? incident.told_at
  return incidentMessage({
    kind,
    incident,
    now,
    nextReminderAt: now + 14_400_000,
    linkUrl: undefined,
    ...over,
  })
}

const closed = { closed_at: NOW + 843_000, close_reason: 'recovered', callbacks: 57 }

const scripted: readonly (readonly [string, Message])[] = [
  ['firing', tell('firing', anIncident(), { linkUrl: 'https://ringback.example.com/' })],
  [
    'firing-warning-timeout',
    tell(
      'firing',
      anIncident({
        severity: 'warning',
        recent_failures: [
          aFailure({ outcome: 'timeout_response', status: 0, ms: 1600, error: 'no answer in 1.6 s' }),
        ],
      }),
    ),
  ],
  ['reminder', tell('reminder', anIncident({ reminders: 1, callbacks: 412, told_at: NOW + 14_400_000 }))],
  ['resolved', tell('resolved', anIncident(closed))],
  ['missed', tell('missed', anIncident(closed))],
  ['removed', tell('resolved', anIncident({ ...closed, close_reason: 'route_removed' }))],
]

describe('a message about an incident', () => {
  it.each(scripted)('reads well: %s', async (name, message) => {
    await expect(`${message.subject}\n\n${message.text}`).toMatchFileSnapshot(`golden/${name}.txt`)
    await expect(message.html).toMatchFileSnapshot(`golden/${name}.html.txt`)
    await expect(`${JSON.stringify(message.slack, null, 2)}\n`).toMatchFileSnapshot(
      `golden/${name}.slack.txt`,
    )
    expect(slackProblems(message.slack)).toEqual([])
  })

  it('says whether the target is skipped while it fires, and no more afterwards', () => {
    expect(breakerLine('firing', true)).toContain('open: the target is skipped')
    expect(breakerLine('reminder', false)).toContain('closed: every callback still tries the target')
    expect(breakerLine('firing', undefined)).toBeUndefined()
    expect(breakerLine('resolved', false)).toBeUndefined()
  })

  it('stays inside every limit, whatever stands in it', { timeout: 60_000 }, () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({
        unit: fc.constantFrom('&', '<', '>', '"', '`', '\\', '\n', '\ud83d', 'é', '😀'),
        maxLength: 1000,
      }),
    )
    const failure = fc
      .record({ error: text, call_id: text, outcome: fc.constantFrom(...outcomes), status: fc.nat(999) })
      .map((over) => aFailure(over))
    const incident = fc
      .record({
        route: fc.string({ unit: 'grapheme', maxLength: 64 }),
        target_label: text,
        reason: text,
        since: fc.integer({ min: 0, max: NOW }),
        callbacks: fc.nat(),
        first_failure: fc.option(failure),
        recent_failures: fc.array(failure, { maxLength: 3 }),
      })
      .map((over) => anIncident({ ...over, closed_at: NOW, close_reason: 'recovered' }))
    fc.assert(
      fc.property(fc.constantFrom('firing', 'reminder', 'resolved', 'missed'), incident, (kind, incident) => {
        const message = tell(kind, incident, { linkUrl: 'https://r.example.com/?a=1&b=<2>|' })
        expect(slackProblems(message.slack)).toEqual([])
        expect(message.subject.length).toBeLessThan(78)
        expect(message.subject).not.toMatch(/[\r\n]/)
        expect(message.html).not.toContain('<script')
      }),
      { numRuns: 60 },
    )
  })

  it('mentions nobody and hides no link, whatever a handler or a caller wrote', () => {
    const evil = '<!channel> <@U123> <https://evil.example|click> *bold* ```code``` @here'
    const failure = aFailure({ error: evil, call_id: evil })
    const { slack } = tell('firing', anIncident({ recent_failures: [failure], target_label: evil }))
    const json = JSON.stringify(slack)
    expect(json).not.toMatch(/<[!@#]|<https:\/\/evil/)
    expect(json).toContain('&lt;!channel&gt;')
  })

  it('shows no phone number in full, and leaves ids, addresses and times alone', () => {
    const failure = aFailure({
      call_id: '+919876543210',
      outcome: 'reset',
      status: 0,
      error: 'no agent for +91 98765 43210 (from 919876543210) at 192.168.100.200:5000',
    })
    const message = tell('firing', anIncident({ recent_failures: [failure], first_failure: failure }))
    const everything = JSON.stringify(message)
    expect(everything).not.toMatch(/98765|43210/)
    expect(message.text).toContain('192.168.100.200:5000')
    expect(message.text).toContain('2026-11-23 15:24:05 UTC')
    expect(tell('firing', anIncident()).text).toContain('7f3c1a52-6c1f-4b6e-9d1e-0a4b8f1c2d3e')
  })
})

/** What a message says of the circuit breaker. */
function breakerLine(kind: Report['kind'], isSkipped: boolean | undefined): string | undefined {
  const incident = anIncident(kind === 'resolved' ? closed : {})
  return /Circuit breaker:? (.*)/.exec(tell(kind, incident, { isSkipped }).text)?.[1]
}
