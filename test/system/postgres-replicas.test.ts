import { expect, test } from 'vitest'

import { PostgresServer } from '../support/postgres.ts'
import { plainPost } from '../support/signed-post.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const LEADS = 'this replica evaluates alerts from now on'

async function send(to: RunningRingback, n: number): Promise<number> {
  const body = JSON.stringify({ event: 'call.completed', call_id: `call-${n}` })
  const answer = await plainPost(`http://127.0.0.1:${to.publicPort}/app`, body, {
    'content-type': 'application/json',
  })
  return answer.status
}

test('two replicas count one streak and tell of it once; when the one that tells is killed, the other tells of the end', async () => {
  await using server = await PostgresServer.start()
  await using slack = await SlackSink.start()
  await using handler = await startTarget(() => behaviours.status(500))
  const config = `
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: ${server.url('replicas')}
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
routes: [{ id: app, path: /app, target: "${handler.origin}/hook", signature: "off" }]
notify: { slack: { webhook_url: { env: SLACK_URL } } }
`
  const start = (): Promise<RunningRingback> => startRingback(config, { env: { SLACK_URL: slack.url } })
  const first = await start()
  await waitFor('a leader', () => first.logs().includes(LEADS))
  await using second = await start()
  const texts = (): string[] => slack.messages.map(({ text }) => text)

  for (const [n, to] of [second, first, second].entries()) expect(await send(to, n)).toBe(500)
  await waitFor('the alert', () => texts().length === 1)
  expect(texts()[0]).toMatch(/3 failures in a row/)
  const open = (await (await fetch(`${second.adminUrl}/api/v1/alerts`)).json()) as {
    rows: { callbacks: number }[]
  }
  expect(open.rows).toHaveLength(1)

  // A leader that is killed between the channel's yes and its own note tells twice: this one has noted it.
  await waitFor('the note', async () => {
    const rows = await server.query(`SELECT 1 FROM replicas.notifications WHERE state = 'sent'`)
    return rows.length === 1
  })
  await first.kill()
  await waitFor('another leader', () => second.logs().includes(LEADS))
  handler.behave(behaviours.ok)
  for (const n of [4, 5]) expect(await send(second, n)).toBe(200)
  await waitFor('word of the end', () => texts().length === 2)
  expect(texts()[1]).toMatch(/RESOLVED/i)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(texts()).toHaveLength(2)
})
