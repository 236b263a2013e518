import { describe, expect, it } from 'vitest'

import type { DrillView } from '../../src/admin/alert-api.ts'
import type { IncidentRow } from '../../src/ledger/alert-store.ts'
import { AccountRig } from '../support/account-rig.ts'
import { runRingback } from '../support/run-daemon.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { SmtpSink } from '../support/smtp-sink.ts'

function tags(texts: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return texts.map((text) => text?.split(' ', 2).join(' '))
}

describe('ringback drill', { timeout: 60_000 }, () => {
  it('sends failing callbacks through the public port and passes when every channel took the alert and its end, held back by nothing', async () => {
    await using slack = await SlackSink.start()
    await using smtp = await SmtpSink.start()
    await using hook = await SlackSink.start()
    await using rig = await AccountRig.start({
      more: `provider_addresses: [203.0.113.7]
alerts: { resolve_after: 4, consecutive_failures: 9, maintenance: [{ name: always, at: ['00:00-12:00', '12:00-00:00'] }] }
notify:
  slack: { webhook_url: { env: SLACK_URL }, severities: [critical] }
  email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com], require_tls: false, quiet_hours: ['00:00-12:00', '12:00-00:00'] }
  webhook: { url: { env: HOOK_URL }, secret: { env: HOOK_SECRET }, routes: [MA_TEST123] }
`,
      env: {
        SLACK_URL: slack.url,
        SMTP_URL: smtp.url,
        HOOK_URL: hook.url,
        HOOK_SECRET: 'hush-hush-0123456789',
      },
    })
    const url = ['--url', rig.ringback.adminUrl]
    const run = await runRingback(['drill', '--by', 'ana', '--json', ...url], { folder: rig.folder })
    expect(run).toMatchObject({ code: 0 })
    const report = JSON.parse(run.stdout) as DrillView
    expect(report).toMatchObject({ state: 'passed', started_by: 'ana', problem: '' })
    expect(report.channels.map(({ channel }) => channel)).toEqual(['slack', 'email', 'webhook'])

    // Marked as a drill everywhere, and only the drill's own handler was asked.
    const kinds = ['[DRILL] [FIRING]', '[DRILL] [RESOLVED]']
    expect(tags(slack.messages.map(({ text }) => text))).toEqual(kinds)
    expect(tags(smtp.messages.map(({ subject }) => subject))).toEqual(kinds)
    const posts = hook.messages.map(({ raw }) => JSON.parse(raw) as { incident: object; severity: string })
    expect(posts).toMatchObject(
      kinds.map(() => ({ severity: 'info', incident: { is_drill: true, route: 'ringback-drill' } })),
    )
    expect(smtp.messages[0]?.text).toContain('This is a drill: nothing is wrong')
    expect(rig.handler.requests).toEqual([])
    const { rows } = await rig.get<{ rows: IncidentRow[] }>('/api/v1/incidents')
    expect(rows).toMatchObject([{ route: 'ringback-drill', close_reason: 'recovered', callbacks: 3 }])

    // Its route is gone again, for callbacks and for metrics, and strangers are refused as before.
    const { rows: routes } = await rig.get<{ rows: { id: string }[] }>('/api/v1/routes')
    expect(routes.map(({ id }) => id)).not.toContain('ringback-drill')
    const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
    expect(metrics).not.toContain('ringback-drill')
    expect((await rig.post({ call_id: 'stranger' })).status).toBe(403)
  })

  it('fails and names the channel that does not take the alert, after telling the others of its end', async () => {
    await using slack = await SlackSink.start()
    await using hook = await SlackSink.start()
    await using rig = await AccountRig.start({
      more: `notify:
  slack: { webhook_url: { env: SLACK_URL } }
  webhook: { url: { env: HOOK_URL }, secret: { env: HOOK_SECRET } }
`,
      env: { SLACK_URL: slack.url, HOOK_URL: hook.url, HOOK_SECRET: 'hush-hush-0123456789' },
    })
    slack.behave({ status: 404, body: 'no_service' })
    const url = ['--url', rig.ringback.adminUrl]
    const run = await runRingback(['drill', ...url], { folder: rig.folder })
    expect(run.code).toBe(7)
    expect(run.stdout).toMatch(/slack +not accepted +not accepted +Slack answered 404 no_service/)
    expect(run.stderr).toContain('slack did not accept the alert (Slack answered 404 no_service)')
    expect(hook.messages.map(({ raw }) => (JSON.parse(raw) as { kind: string }).kind)).toEqual([
      'firing',
      'resolved',
    ])
  })
})
