import { createHmac } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { createAlertmanager } from '../../../src/notify/channels/alertmanager.ts'
import { createPagerDuty } from '../../../src/notify/channels/pagerduty.ts'
import { createWebhook } from '../../../src/notify/channels/webhook.ts'
import { message } from '../../contract/notifier.ts'
import { SlackSink } from '../../support/slack-sink.ts'

const never = new AbortController().signal
const NOW = Date.UTC(2026, 10, 23, 15, 30, 0)
const resolved = { ...message, kind: 'resolved' as const, id: '01KINCIDENT000000000000001.resolved' }

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

  it('is content when one of several takes it, and says so', async () => {
    await using sink = await SlackSink.start()
    await using dead = await SlackSink.start()
    dead.behave('cut')
    const channel = createAlertmanager({ urls: [dead.url, sink.url], fetch, now: () => NOW })
    expect(await channel.send(message, never)).toBe('1 of 2 Alertmanagers did not take it')
    await channel.close()
  })
})
