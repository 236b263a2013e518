import { describe, expect, it } from 'vitest'

import { createEmail } from '../../../src/notify/channels/email.ts'
import { createSlack } from '../../../src/notify/channels/slack.ts'
import { AlertBench, type BenchOptions } from '../../support/alert-bench.ts'
import { SlackSink } from '../../support/slack-sink.ts'
import { SmtpSink } from '../../support/smtp-sink.ts'

// From the third failure through the outbox and the real channels to real servers on sockets that behave badly. Only the
// clock of the outbox is moved by hand.

const SECOND = 1000
const MINUTE = 60 * SECOND
/** Of real time, for a channel whose far side does not answer; long enough for one that does on a busy machine. */
const SHORT_MS = 700
const fallback = { afterFailures: 3, channel: 'email' }

async function start({
  slackMs,
  mailMs,
  ...options
}: Pick<BenchOptions, 'told' | 'fallback'> & { readonly slackMs?: number; readonly mailMs?: number } = {}) {
  const slack = await SlackSink.start()
  const smtp = await SmtpSink.start()
  const notifiers = [
    createSlack({ url: slack.url, fetch, ...(slackMs !== undefined && { timeoutMs: slackMs }) }),
    createEmail({
      smtpUrl: smtp.url,
      from: 'ringback@example.com',
      to: ['ops@example.com', 'dev@example.com'],
      requireTls: false,
      ca: undefined,
      resolveHost: (host) => Promise.resolve(host),
      ...(mailMs !== undefined && { timeoutMs: mailMs }),
    }),
  ]
  const bench = await AlertBench.start({ notifiers, ...options })
  return {
    slack,
    smtp,
    bench,
    fire: () => bench.run('http_5xx', 'http_5xx', 'http_5xx'),
    recover: () => bench.run('ok', 'ok'),
    onSlack: () => slack.messages.map(({ text }) => text.replace(/(\]).*/s, '$1')),
    byMail: () => smtp.messages.map(({ subject = '' }) => subject.replace(/(\]).*/s, '$1')),
    /** How a message ended, by its kind. */
    async stateOf(channel: string, kind: string) {
      const rows = await bench.store.notifications({ limit: 100 })
      return rows.find((row) => row.channel === channel && row.kind === kind)
    },
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      await slack[Symbol.asyncDispose]()
      await smtp[Symbol.asyncDispose]()
    },
  }
}

describe('Slack', () => {
  it('that asks to wait (429) is asked again exactly then, and told once', async () => {
    await using under = await start()
    under.slack.behave({ status: 429, body: 'rate_limited', retryAfter: '40' })
    await under.fire()
    expect(under.slack.tried).toBe(1)
    under.slack.behave('ok')
    await under.bench.pass(38 * SECOND)
    expect(under.slack.tried).toBe(1)
    await under.bench.pass(3 * SECOND)
    expect(under.onSlack()).toEqual(['[FIRING]'])
    await under.recover()
    expect([under.onSlack(), under.slack.tried]).toEqual([['[FIRING]', '[RESOLVED]'], 3])
  })

  it('that fails (500) is asked again with growing pauses until it takes the message', async () => {
    await using under = await start()
    under.slack.behave({ status: 500, body: 'server_error' })
    await under.fire()
    await under.bench.pass(MINUTE)
    expect(under.slack.tried).toBe(4) // at once, after 5, 15 and 30 seconds
    under.slack.behave('ok')
    await under.bench.pass(MINUTE)
    expect(under.onSlack()).toEqual(['[FIRING]'])
    expect(under.bench.outbox.channels()[0]).toMatchObject({ failures: 0, last_error: '' })
  })

  it('whose webhook was revoked (no_service) is not asked again; the fallback tells it, and its end', async () => {
    await using under = await start({ told: ['slack'], fallback })
    under.slack.behave({ status: 404, body: 'no_service' })
    await under.fire()
    await under.bench.pass(5 * SECOND)
    expect(await under.stateOf('slack', 'firing')).toMatchObject({
      state: 'failed',
      last_error: 'Slack answered 404 no_service',
    })
    under.slack.behave('ok')
    await under.recover()
    await under.bench.pass(MINUTE)
    expect([under.onSlack(), under.byMail()]).toEqual([[], ['[FIRING]', '[RESOLVED]']])
    expect(under.slack.tried).toBe(1)
  })

  it('that never answers is given up in time; after three tries the fallback tells it, and both are told of the end', async () => {
    await using under = await start({ told: ['slack'], fallback, slackMs: SHORT_MS })
    under.slack.behave('hang')
    await under.fire()
    await under.bench.pass(15 * SECOND)
    expect([under.slack.tried, under.byMail()]).toEqual([2, []])
    await under.bench.pass(10 * SECOND)
    expect([under.slack.tried, under.byMail()]).toEqual([3, ['[FIRING]']])
    expect(await under.stateOf('slack', 'firing')).toMatchObject({
      state: 'pending',
      last_error: 'Slack did not answer in time',
    })
    under.slack.behave('ok')
    await under.bench.pass(MINUTE)
    await under.recover()
    expect([under.onSlack(), under.byMail()]).toEqual([
      ['[FIRING]', '[RESOLVED]'],
      ['[FIRING]', '[RESOLVED]'],
    ])
  })
})

describe('a mail server', () => {
  it('that greylists is asked again and takes the message once, with the id of the first try', async () => {
    await using under = await start()
    under.smtp.behave('greylist')
    await under.fire()
    expect(await under.stateOf('email', 'firing')).toMatchObject({ state: 'pending', tries: 1 })
    under.smtp.behave('accept')
    await under.bench.pass(10 * SECOND)
    expect(under.byMail()).toEqual(['[FIRING]'])
    const [open] = under.bench.engine.snapshot()
    expect(under.smtp.messages[0]?.messageId).toBe(`<${open?.id}@example.com>`)
    expect(under.smtp.messages[0]?.recipients).toEqual(['ops@example.com', 'dev@example.com'])
    await under.recover()
    expect(under.smtp.messages[1]?.inReplyTo).toBe(`<${open?.id}@example.com>`)
  })

  it('that refuses one of two recipients tells the other one, once, and the refusal is kept for people', async () => {
    await using under = await start()
    under.smtp.behave({ refuse: 'dev@example.com' })
    await under.fire()
    await under.bench.pass(MINUTE)
    expect(under.smtp.messages.map(({ recipients }) => recipients)).toEqual([['ops@example.com']])
    expect(await under.stateOf('email', 'firing')).toMatchObject({
      state: 'sent',
      last_error: '1 of 2 recipients were refused',
    })
    await under.recover()
    expect(under.byMail()).toEqual(['[FIRING]', '[RESOLVED]'])
  })

  it('that puts one of two recipients off is asked again for that one only', async () => {
    await using under = await start()
    under.smtp.behave({ defer: 'dev@example.com' })
    await under.fire()
    under.smtp.behave('accept')
    await under.bench.pass(MINUTE)
    expect(under.smtp.messages.map(({ recipients }) => recipients)).toEqual([
      ['ops@example.com'],
      ['dev@example.com'],
    ])
  })

  it('that is too slow is left and asked again; Slack is not held up by it', async () => {
    await using under = await start({ mailMs: SHORT_MS })
    under.smtp.behave({ slowMs: 3 * SHORT_MS })
    await under.fire()
    expect([under.onSlack(), under.byMail()]).toEqual([['[FIRING]'], []])
    expect((await under.stateOf('email', 'firing'))?.last_error).toContain('too slow')
    under.smtp.behave('accept')
    await under.bench.pass(10 * SECOND)
    expect(under.byMail()).toEqual(['[FIRING]'])
  })
})

it('only who was told that it fires is told that it is over: a channel that never heard of it gets one message for both', async () => {
  await using under = await start()
  under.slack.behave({ status: 500, body: 'server_error' })
  await under.fire()
  await under.recover()
  under.slack.behave('ok')
  await under.bench.pass(MINUTE)
  expect(under.byMail()).toEqual(['[FIRING]', '[RESOLVED]'])
  expect(under.slack.messages.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^\[RESOLVED\] calls primary was down for/),
  ])
})
