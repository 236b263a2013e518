import { describe, expect, it } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const notify = 'notify: { slack: { webhook_url: { env: SLACK_URL } } }\n'

/** Posts, and waits until the attempt is in the ledger: with kill -9 what nobody waited for may be lost. */
async function post(rig: AccountRig, callId: string): Promise<void> {
  await rig.post({ call_id: callId })
  await waitFor('the row', async () => {
    const { rows } = await rig.get<{ rows: { result: string }[] }>(`/api/v1/callbacks?call_id=${callId}`)
    return rows.length > 0 && rows.every(({ result }) => result !== 'pending')
  })
}

describe('an alert', () => {
  it('fires once although the daemon is killed between the second and the third failure, and is resolved after another kill', async () => {
    await using slack = await SlackSink.start()
    await using rig = await AccountRig.start({ more: notify, env: { SLACK_URL: slack.url } })
    rig.handler.behave(() => behaviours.status(500))
    await post(rig, 'failure-1')
    await post(rig, 'failure-2')
    await rig.ringback.kill()
    await rig.startAgain()
    await post(rig, 'failure-3')
    await waitFor('the alert', () => slack.messages.length > 0)
    expect(slack.messages[0]?.raw).toContain('failure-1')

    await rig.ringback.kill()
    await rig.startAgain()
    rig.handler.behave(behaviours.ok)
    await post(rig, 'success-1')
    await post(rig, 'success-2')
    await waitFor('the end of the alert', () => slack.messages.length > 1)
    await rig.ringback.stop()
    expect(slack.messages.map(({ text }) => text.split(' ')[0])).toEqual(['[FIRING]', '[RESOLVED]'])
  })

  it('that Slack did not take is told after a restart', async () => {
    await using slack = await SlackSink.start()
    await using rig = await AccountRig.start({ more: notify, env: { SLACK_URL: slack.url } })
    slack.behave({ status: 500, body: 'server_error' })
    rig.handler.behave(() => behaviours.status(500))
    for (let n = 1; n <= 3; n++) await post(rig, `failure-${n}`)
    await waitFor('a try', () => slack.tried > 0)
    await rig.ringback.kill()
    slack.behave('ok')
    await rig.startAgain()
    await waitFor('the alert', () => slack.messages.length > 0, 30_000)
    expect(slack.messages.map(({ text }) => text.split(' ')[0])).toEqual(['[FIRING]'])
  })
})
