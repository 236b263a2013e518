import { expect, test } from 'vitest'

import { answerOfFailure, standInOf } from '../../../src/callback/answer.ts'
import type { Route } from '../../../src/callback/route.ts'
import { judgeReply } from '../../../src/contract/judge-reply.ts'
import { startTarget } from '../../support/target-server.ts'
import { facts } from '../routing/config-of.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

const good = { headers: [['Content-Type', 'text/xml']] as const, body: '<Response><Hangup/></Response>' }
const broken = { ...good, body: '<Response><Say>Hi</Say></Response>' }
const xml = { facts: facts({ event: 'StartApp', kind: 'xml' }), kind: 'xml' } as const

async function forward(responseContract: Route['responseContract'], replies: readonly object[], rest = {}) {
  await using first = await startTarget(() => replies[0])
  await using second = await startTarget(() => replies[1])
  await using forwarder = testForwarder({ judgeReply })
  const urls = replies.length > 1 ? [first.url, second.url] : [first.url]
  const exchange = exchangeOn(routeTo(urls, { responseContract }), {}, { ...xml, ...rest })
  return await forwarder.forward(exchange, live)
}

test('protect: a broken answer counts as a failure and the fallback is asked', async () => {
  const { attempts, success } = await forward('protect', [broken, good])
  expect(attempts.map(({ outcome, answerFault }) => [outcome, answerFault])).toEqual([
    ['bad_xml', 'verb'],
    ['ok', undefined],
  ])
  expect(attempts[0]?.error).toBe('the answer holds <Say>, which Vobiz does not know')
  expect(success?.target.role).toBe('fallback')
})

test('protect: when every answer is broken the provider hears the static document, never the broken one', async () => {
  const { attempts, success } = await forward('protect', [broken, { body: 'oops' }])
  expect(success).toBeUndefined()
  const staticReply = { contentType: 'application/xml', body: '<Response><Speak>Later</Speak></Response>' }
  expect(Buffer.from(answerOfFailure(attempts, 'xml', staticReply).body).toString()).toBe(staticReply.body)
  expect(answerOfFailure(attempts, 'xml', undefined).status).toBe(502)
})

test('protect: what Vobiz would take after all is noted and passed on', async () => {
  const { attempts, success } = await forward('protect', [{ ...good, status: 201 }, good])
  expect(attempts).toHaveLength(1)
  expect(success).toMatchObject({ outcome: 'ok', answerFault: 'status', status: 201 })
})

test('observe: a broken answer is noted on the attempt, which stays a success', async () => {
  const { attempts, success } = await forward('observe', [broken, good])
  expect(attempts).toHaveLength(1)
  expect(success).toMatchObject({ outcome: 'ok', answerFault: 'verb' })
  expect(success?.error).toContain('<Say>')
})

test('off, or where nobody executes the answer, nothing is looked at', async () => {
  expect((await forward('off', [broken])).success).toMatchObject({ error: '', answerFault: undefined })
  const notify = { facts: facts({ event: 'Hangup' }), kind: 'notify' }
  expect((await forward('protect', [{ body: 'ok' }], notify)).success).toMatchObject({ error: '' })
})

test('a good answer passes byte for byte, an error of the handler stays its own', async () => {
  expect((await forward('protect', [good])).success?.reply?.body.toString()).toBe(good.body)
  expect((await forward('protect', [{ status: 503 }])).attempts[0]).toMatchObject({ outcome: 'http_5xx' })
})

test('beside the call and in a sound, the static document is one that does nothing', () => {
  const staticReply = { contentType: 'application/xml', body: '<Response><Hangup/></Response>' }
  const standIn = (event: string, route: Partial<Route> = { staticReply }) =>
    standInOf(exchangeOn(routeTo(['https://h.example.com/'], route), {}, { facts: facts({ event }) }))?.body
  expect(standIn('StartApp')).toBe(staticReply.body)
  expect(standIn('Record')).toBe('<Response></Response>')
  expect(standIn('ConferenceRemoteSounds')).toBe('<Response></Response>')
  expect(standIn('Record', {})).toBeUndefined()
})
