import { expect, it } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const ROUTES = 20
const ROUNDS = 10
/** Spread over the routes, few enough that none goes into a digest. */
const broken = ['app-3', 'app-8', 'app-14', 'app-19']
const names = Array.from({ length: ROUTES }, (_, n) => `app-${n}`)

it('every route whose handler breaks is told exactly once while many are busy, and no other', async () => {
  await using slack = await SlackSink.start()
  await using rig = await AccountRig.start({
    env: { SLACK_URL: slack.url },
    account: (handler) =>
      `    applications:\n${names.map((name) => `      - { id: ${name}, callback_url: '${handler}/${name}' }\n`).join('')}`,
    more: 'notify: { slack: { webhook_url: { env: SLACK_URL } } }\n',
  })
  rig.handler.behave(({ target }) =>
    broken.includes(target.slice(1)) ? behaviours.status(500) : behaviours.ok(),
  )
  for (let round = 0; round < ROUNDS; round++) {
    // Every route at once, each with several callbacks under way.
    await Promise.all(names.map((name) => rig.post({ call_id: `${name}-${round}`, application_id: name })))
  }
  const { rows } = await waitFor('the alerts', async () => {
    const found = await rig.get<{ rows: { route: string }[] }>('/api/v1/alerts')
    return found.rows.length >= broken.length && found
  })
  expect(rows.map(({ route }) => route).toSorted()).toEqual(broken.toSorted())
  await waitFor('every message', () => slack.messages.length >= broken.length)
  const told = slack.messages.map(({ text }) => /^\[FIRING\] (app-\d+) /.exec(text)?.[1] ?? text)
  expect(told.toSorted()).toEqual(broken.toSorted())
})

it('the heartbeat goes out while all is well, and its URL stays out of the log', async () => {
  await using outside = await startTarget()
  await using rig = await AccountRig.start({
    env: { HEARTBEAT_URL: `${outside.origin}/ping/SeCrEt` },
    more: 'notify: { heartbeat: { url: { env: HEARTBEAT_URL } } }\n',
  })
  await outside.seen(1)
  expect(outside.requests[0]).toMatchObject({ method: 'GET', target: '/ping/SeCrEt' })
  await rig.ringback.stop()
  expect(rig.ringback.logs()).not.toContain('SeCrEt')
})
