import { describe, expect, it } from 'vitest'

import { summaryMessage } from '../../../src/alerts/messages/summary-message.ts'
import { testMessage } from '../../../src/alerts/messages/test-message.ts'
import type { RouteSummary } from '../../../src/ledger/rows.ts'
import { anIncident } from '../../support/alert-builders.ts'
import { slackProblems } from '../../support/slack-limits.ts'

const TO = Date.UTC(2026, 10, 24, 8, 0, 0)
const FROM = TO - 86_400_000

function aSummary(route: string, callbacks: number, failed: number): RouteSummary {
  const times = callbacks === 0 ? null : 12
  return {
    route,
    callbacks,
    failed,
    p50_ms: times,
    p95_ms: times && times * 10,
    p99_ms: times && times * 100,
    last_received_at: null,
    last_success_at: null,
  }
}

describe('the summary', () => {
  it('reads well', async () => {
    const message = summaryMessage({
      every: 'daily',
      dead: [{ route: 'calls', dead: 3 }],
      from: FROM,
      to: TO,
      routes: [
        aSummary('calls', 12_000, 57),
        aSummary('recordings-of-a-very-long-name', 40, 0),
        aSummary('ivr', 0, 0),
      ],
      incidents: [
        anIncident({ closed_at: TO - 5, close_reason: 'recovered' }),
        anIncident({ route: 'ivr', target: 'fallback' }),
      ],
      linkUrl: 'https://ringback.example.com',
    })
    await expect(`${message.subject}\n\n${message.text}`).toMatchFileSnapshot('golden/summary.txt')
    expect(slackProblems(message.slack)).toEqual([])
  })

  it('never rounds a failure away', () => {
    const { subject } = summaryMessage({
      every: 'daily',
      dead: [{ route: 'calls', dead: 3 }],
      from: FROM,
      to: TO,
      routes: [aSummary('calls', 1_000_000, 1)],
      incidents: [],
      linkUrl: undefined,
    })
    expect(subject).toBe('[SUMMARY] 2026-11-24: 99.99 % of 1000000 callbacks delivered')
  })

  it('stays inside the limits with hundreds of routes and none', () => {
    for (const count of [0, 300]) {
      const routes = Array.from({ length: count }, (_, i) =>
        aSummary(`route-${'x'.repeat(50)}-${i}`, i, i % 7),
      )
      const message = summaryMessage({
        every: 'daily',
        dead: [],
        from: FROM,
        to: TO,
        routes,
        incidents: [],
        linkUrl: undefined,
      })
      expect(slackProblems(message.slack)).toEqual([])
      expect(message.subject.length).toBeLessThan(78)
    }
  })
})

describe('the test message', () => {
  it('says that nothing is wrong', async () => {
    const message = testMessage('test-1', TO)
    await expect(`${message.subject}\n\n${message.text}`).toMatchFileSnapshot('golden/test.txt')
    expect(slackProblems(message.slack)).toEqual([])
  })
})
