import { join } from 'node:path'

import { type LoadedConfig, loadConfig } from '../config/load.ts'

/** The configuration of the demonstration: free ports, a ledger that is thrown away, Slack's stand-in. */
export function demoConfig(at: {
  readonly handlerUrl: string
  readonly slackUrl: string
  readonly folder: string
}): LoadedConfig {
  const file = {
    listen: '127.0.0.1:0',
    public_url: 'http://127.0.0.1',
    admin: { listen: '127.0.0.1:0' },
    store: `sqlite:${join(at.folder, 'ringback.db')}`,
    allow_targets: ['127.0.0.0/8'],
    defaults: { on_failure: 'relay' }, // so that the story shows what Vobiz would have been told without a rescue
    accounts: [
      { id: 'MA_DEMO', webhook_secret: { env: 'DEMO_SECRET' }, default_callback_url: at.handlerUrl },
    ],
    notify: { slack: { webhook_url: { env: 'DEMO_SLACK_URL' } } },
  }
  return loadConfig({
    path: 'demonstration',
    text: JSON.stringify(file), // JSON is YAML
    env: { DEMO_SECRET: 'ringback-demo-webhook-secret', DEMO_SLACK_URL: at.slackUrl },
  })
}
