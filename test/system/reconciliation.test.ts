import { expect, it } from 'vitest'

import type { IncidentRow, ReconciliationView } from '../../src/admin/api.ts'
import { hasBrowser, openPage, startBrowser, testBrowser } from '../support/browser.ts'
import { cli } from '../support/run-cli.ts'
import { startRingback } from '../support/start-ringback.ts'
import { startTarget } from '../support/target-server.ts'
import { VobizCaller } from '../support/vobiz-caller.ts'
import { callRecord, VobizStandIn } from '../support/vobiz-stand-in.ts'
import { waitFor } from '../support/wait-for.ts'

const publicUrl = 'https://callbacks.example.com'
const answerUrl = `${publicUrl}/vobiz/MA_TEST123`

it('call records that do not fit the callbacks are listed, counted and told, and it is over when they fit again', async () => {
  await using api = await VobizStandIn.start()
  await using handler = await startTarget()
  await using ringback = await startRingback(
    `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
accounts:
  - id: MA_TEST123
    auth_token: { env: AUTH_TOKEN }
    default_callback_url: ${handler.origin}/calls
reconciliation: { api_base: '${api.origin}', every: 1s, settle: 1s }
alerts: { rules: { reconciliation: { at_least: 3 } } }
`,
    { env: { AUTH_TOKEN: VobizStandIn.token } },
  )
  handler.behave(() => ({ body: '<Response/>', headers: [['Content-Type', 'application/xml']] }))
  const play = async (callId: string, ...events: readonly string[]): Promise<void> => {
    const caller = new VobizCaller({
      publicUrl,
      sendTo: ringback.publicUrl,
      authToken: VobizStandIn.token,
      callId,
    })
    for (const event of events) {
      const fields = { Event: event, CallStatus: event === 'Hangup' ? 'completed' : 'in-progress' }
      expect((await caller.dial(answerUrl, fields)).status).toBe(200)
    }
  }
  await play('call-whole', 'StartApp', 'Hangup')
  await play('call-cut', 'StartApp')
  await play('call-blamed', 'StartApp', 'Hangup')
  const now = Date.now()
  for (const id of ['call-whole', 'call-cut', 'call-blamed', 'call-lost']) {
    const blame =
      id === 'call-blamed' ? { hangup_cause_code: 8011, hangup_cause_name: 'Invalid Answer XML' } : {}
    api.records.push(callRecord(id, { startedAt: now, endedAt: now, ...blame }))
  }

  const read = async (): Promise<ReconciliationView> =>
    (await (await fetch(`${ringback.adminUrl}/api/v1/reconciliation`)).json()) as ReconciliationView
  const view = await waitFor('finding of each kind', async () => {
    const seen = await read()
    return seen.findings.length === 3 && seen
  })
  expect(Object.fromEntries(view.findings.map(({ call_id, finding }) => [call_id, finding]))).toEqual({
    'call-cut': 'no_end',
    'call-blamed': 'answer_blamed',
    'call-lost': 'no_callback',
  })
  const blamed = view.findings.find(({ finding }) => finding === 'answer_blamed')
  const shown = await fetch(`${ringback.adminUrl}/api/v1/callbacks/${blamed?.callback_id}`)
  expect(await shown.json()).toMatchObject({ call_id: 'call-blamed', event: 'StartApp', answer_status: 200 })

  const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  for (const [finding, count] of Object.entries({
    ok: 1,
    no_callback: 1,
    no_end: 1,
    step_missing: 0,
    answer_blamed: 1,
  })) {
    expect(metrics).toContain(
      `ringback_reconciliation_calls{account="MA_TEST123",finding="${finding}"} ${count}\n`,
    )
  }

  const incidents = async (): Promise<readonly IncidentRow[]> => {
    const response = await fetch(`${ringback.adminUrl}/api/v1/incidents`)
    return ((await response.json()) as { rows: readonly IncidentRow[] }).rows
  }
  const incident = await waitFor('incident', async () =>
    (await incidents()).find(({ rule }) => rule === 'reconciliation'),
  )
  expect(incident).toMatchObject({
    severity: 'warning',
    reason:
      '1 call without any callback, 1 call without its end, 1 call ended for an answer that was given with 200, by the call records of MA_TEST123 (limit 3)',
  })

  if (hasBrowser) await seeOnPage(ringback.adminUrl)

  const listed = await cli(['reconcile', '--url', ringback.adminUrl])
  expect(listed.code).toBe(0)
  expect(listed.stdout).toMatch(/call-lost +MA_TEST123 +no_callback +no callback of this call came here/)
  expect(listed.stderr).toContain(
    '1 without any callback, 1 without its end, 1 ended for an answer given with 200',
  )
  const only = await cli(['reconcile', '--now', '--finding', 'no_end', '--json', '--url', ringback.adminUrl])
  expect(
    only.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { call_id: string }).call_id),
  ).toEqual(['call-cut'])

  await play('call-cut', 'Hangup')
  await play('call-lost', 'StartApp', 'Hangup')
  Object.assign(api.records[2] ?? {}, { hangup_cause_code: 4000 })
  await waitFor('end of the incident', async () =>
    (await incidents()).find(({ id, closed_at }) => id === incident.id && closed_at !== null),
  )
  expect(ringback.logs() + JSON.stringify(await read())).not.toContain(VobizStandIn.token)
})

/** The page shows the calls that do not fit, and leads to what is known of them. */
async function seeOnPage(adminUrl: string): Promise<void> {
  await using browser = await startBrowser(testBrowser)
  const { page, wrongs } = await openPage(browser, `${adminUrl}/#/reconciliation`)
  const rows = page.getByRole('region', { name: 'Calls that do not fit' }).last().getByRole('row')
  await page.getByText('its end never came').waitFor()
  expect(await rows.count()).toBe(4)
  await page.getByRole('button', { name: 'Read now' }).click()
  await page.getByRole('link', { name: 'call-cut' }).click()
  await page.getByRole('heading', { name: 'call-cut' }).first().waitFor()
  expect(wrongs).toEqual([])
}
