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

/** Keys of the account that calls are played on; a sub-account, so that its parent signs too. */
export const flowKeys = { own: 'ringback-demo-auth-token', parent: 'ringback-demo-parent-token' } as const

/** The configuration of one call that is played: its handler behind one route, URLs of its answers captured. */
export function flowConfig(at: {
  readonly handlerUrl: string
  readonly flow: string
  readonly folder: string
}): LoadedConfig {
  const file = {
    listen: '127.0.0.1:0',
    public_url: 'http://127.0.0.1',
    admin: { listen: '127.0.0.1:0' },
    store: `sqlite:${join(at.folder, 'ringback.db')}`,
    allow_targets: ['127.0.0.0/8'],
    accounts: [
      { id: 'SA_DEMO', auth_token: { env: 'DEMO_TOKEN' }, parent_auth_token: { env: 'DEMO_PARENT' } },
    ],
    routes: [
      {
        id: at.flow,
        path: `/${at.flow}`,
        target: at.handlerUrl + at.flow,
        account: 'SA_DEMO',
        rewrite_xml: true,
        response_contract: 'protect',
      },
    ],
  }
  return loadConfig({
    path: 'demonstration',
    text: JSON.stringify(file), // JSON is YAML
    env: { DEMO_TOKEN: flowKeys.own, DEMO_PARENT: flowKeys.parent },
  })
}
