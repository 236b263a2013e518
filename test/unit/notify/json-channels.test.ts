import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createAlertmanager } from '../../../src/notify/channels/alertmanager.ts'
import { createPagerDuty } from '../../../src/notify/channels/pagerduty.ts'
import { createWebhook } from '../../../src/notify/channels/webhook.ts'
import { message } from '../../contract/notifier.ts'
import type { SafeFetch } from '../../../src/notify/channels/post-json.ts'
import { SlackSink } from '../../support/slack-sink.ts'
import { waitFor } from '../../support/wait-for.ts'

const never = new AbortController().signal
const NOW = Date.UTC(2026, 10, 23, 15, 30, 0)
const resolved = { ...message, kind: 'resolved' as const, id: '01KINCIDENT000000000000001.resolved' }

/** The first repetition takes a while on its way. */
function slowly(fetch: SafeFetch): SafeFetch {
  let requests = 0
  return async (url, init) => {
    requests += 1
    if (requests === 2) await sleep(50)
    return fetch(url, init)
  }
}

/** When each alert of each request ends, as a time of day. */
function endsOf({ messages }: SlackSink): string[][] {
  return messages.map(({ raw }) =>
    (JSON.parse(raw) as { endsAt: string }[]).map(({ endsAt }) => endsAt.slice(11, 19)),
  )
}

const bodyOf = (sink: SlackSink): unknown => JSON.parse(sink.messages.at(-1)?.raw ?? 'null')

describe('the webhook', () => {
  it('posts the message and its incident as JSON, signed over time and body', async () => {
    await using sink = await SlackSink.start()
    await createWebhook({ url: sink.url, secret: 'hush', fetch, now: () => NOW }).send(message, never)
    expect(bodyOf(sink)).toEqual({
      version: 1,
      id: message.id,
      kind: 'firing',
      severity: 'critical',
      subject: message.subject,
      text: message.text,
      incident: message.incident,
    })
    const raw = sink.messages[0]?.raw ?? ''
    const v1 = createHmac('sha256', 'hush')
      .update(`${NOW / 1000}.${raw}`)
      .digest('hex')
    expect(sink.headers['x-ringback-signature']).toBe(`t=${NOW / 1000},v1=${v1}`)
  })
})

describe('PagerDuty', () => {
  it('is triggered and resolved under the id of the incident, and left alone with summaries', async () => {
    await using sink = await SlackSink.start()
    const channel = createPagerDuty({ url: sink.url, routingKey: 'key', fetch })
    await channel.send(message, never)
    expect(bodyOf(sink)).toMatchObject({
      routing_key: 'key',
      event_action: 'trigger',
      dedup_key: message.incidentId,
      payload: { summary: message.subject, severity: 'critical', component: 'calls' },
    })
    await channel.send(resolved, never)
    expect(bodyOf(sink)).toMatchObject({ event_action: 'resolve', dedup_key: message.incidentId })
    await channel.send({ ...message, kind: 'summary' }, never)
    expect(sink.messages).toHaveLength(2)
  })
})

describe('Alertmanager', () => {
  it('is told when it fires, until when, and at once when it is over', async () => {
    await using sink = await SlackSink.start()
    const channel = createAlertmanager({ urls: [sink.url], fetch, now: () => NOW })
    await channel.send(message, never)
    expect(bodyOf(sink)).toEqual([
      {
        labels: {
          alertname: 'Ringback_consecutive_failures',
          source: 'ringback',
          route: 'calls',
          target: 'primary',
          severity: 'critical',
        },
        annotations: { summary: '3 failures in a row', incident: message.incidentId },
        startsAt: '2026-11-23T15:24:05.000Z',
        endsAt: '2026-11-23T15:35:00.000Z',
        generatorURL: message.incident?.link,
      },
    ])
    await channel.send(resolved, never)
    expect(bodyOf(sink)).toMatchObject([{ endsAt: '2026-11-23T15:30:00.000Z' }])
    await channel.close()
  })

  describe('while it fires', () => {
    // The minutes are faked, the sockets are not.
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
    afterEach(() => void vi.useRealTimers())

    it('is sent it again every minute, long before it would take it as over, until it is over', async () => {
      await using sink = await SlackSink.start()
      let now = NOW
      const channel = createAlertmanager({ urls: [sink.url], fetch, now: () => now })
      await channel.send(message, never)
      for (let minute = 1; minute <= 3; minute++) {
        now += 60_000
        vi.advanceTimersByTime(60_000)
        await waitFor('the alert again', () => sink.messages.length === 1 + minute)
      }
      await channel.send(resolved, never)
      vi.advanceTimersByTime(180_000)
      await channel.close()
      expect(endsOf(sink)).toEqual([['15:35:00'], ['15:36:00'], ['15:37:00'], ['15:38:00'], ['15:33:00']])
    })

    it('is sent everything that fires at once after a restart, in one request, and again every minute', async () => {
      await using sink = await SlackSink.start()
      const channel = createAlertmanager({ urls: [sink.url], fetch, now: () => NOW })
      channel.resume?.(message)
      channel.resume?.({ ...message, incident: { ...message.incident!, id: 'other', route: 'ivr' } })
      await waitFor('the alerts', () => sink.messages.length === 1)
      vi.advanceTimersByTime(60_000)
      await waitFor('the alerts again', () => sink.messages.length === 2)
      await channel.close()
      vi.advanceTimersByTime(180_000)
      expect(endsOf(sink)).toEqual([
        ['15:35:00', '15:35:00'],
        ['15:35:00', '15:35:00'],
      ])
    })

    it('is told of the end only after what was under way, which would make it fire again', async () => {
      await using sink = await SlackSink.start()
      const channel = createAlertmanager({ urls: [sink.url], fetch: slowly(fetch), now: () => NOW })
      await channel.send(message, never)
      vi.advanceTimersByTime(60_000)
      await channel.send(resolved, never)
      await channel.close()
      expect(endsOf(sink)).toEqual([['15:35:00'], ['15:35:00'], ['15:30:00']])
    })
  })

  it('is content when one of several takes it, and says so', async () => {
    await using sink = await SlackSink.start()
    await using dead = await SlackSink.start()
    dead.behave('cut')
    const channel = createAlertmanager({ urls: [dead.url, sink.url], fetch, now: () => NOW })
    expect(await channel.send(message, never)).toBe('1 of 2 Alertmanagers did not take it')
    await channel.close()
  })
})
