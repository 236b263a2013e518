import { expect, test } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { startAlertmanager } from '../support/alertmanager.ts'
import { behaviours } from '../support/target-server.ts'
import { hasTool } from '../support/tools.ts'
import { waitFor } from '../support/wait-for.ts'

const MINUTE = 60_000

test.runIf(hasTool('amtool'))(
  'a real Alertmanager holds what fires, is sent it again at once after a kill, and drops it when it is over',
  async () => {
    await using alertmanager = await startAlertmanager()
    await using rig = await AccountRig.start({
      more: `notify: { alertmanager: { urls: ['${alertmanager.url}'] } }\n`,
    })
    const ours = async () =>
      (await alertmanager.alerts()).find(
        ({ labels }) => labels['alertname'] === 'Ringback_consecutive_failures',
      )
    rig.handler.behave(() => behaviours.status(500))
    for (let n = 1; n <= 3; n++) await rig.post({ call_id: `failure-${n}` })
    const first = await waitFor('the alert', ours)
    expect(first.labels).toMatchObject({ source: 'ringback', severity: 'critical', target: 'primary' })
    expect(Date.parse(first.endsAt) - Date.now()).toBeGreaterThan(4 * MINUTE)

    await rig.ringback.kill()
    await rig.startAgain()
    const again = await waitFor('the alert again', async () => {
      const found = await ours()
      return found !== undefined && found.updatedAt > first.updatedAt && found
    })
    expect(Date.parse(again.endsAt)).toBeGreaterThan(Date.parse(first.endsAt))

    rig.handler.behave(behaviours.ok)
    for (let n = 1; n <= 2; n++) await rig.post({ call_id: `success-${n}` })
    await waitFor('the end of the alert', async () => (await ours()) === undefined)
  },
)
