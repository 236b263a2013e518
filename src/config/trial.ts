import type { LoadedConfig } from './load.ts'
import { loadConfig } from './load.ts'

/** Account of the trial configuration. */
export const TRIAL_ACCOUNT = 'MA_TRIAL'
/** Public knowledge: the trial listens on this machine only. A real file never holds a secret. */
const TRIAL_WEBHOOK_SECRET = 'ringback-trial-webhook-secret'
/** Public knowledge, see TRIAL_WEBHOOK_SECRET. */
const TRIAL_AUTH_TOKEN = 'ringback-trial-auth-token'

/** Where the trial listens when its usual ports are taken. */
const LISTEN = 'RINGBACK_TRIAL_LISTEN'
const ADMIN_LISTEN = 'RINGBACK_TRIAL_ADMIN_LISTEN'

export interface TrialOptions {
  /** Where the bundled sample handler listens; a loopback URL. */
  readonly handlerUrl: string
  /** Environment: RINGBACK_TRIAL_LISTEN and RINGBACK_TRIAL_ADMIN_LISTEN, for those whose ports are taken. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What Ringback runs on when there is no file: one account whose handler is inside the process, on this machine only. */
export function trialConfig(options: TrialOptions): LoadedConfig {
  const { handlerUrl, env = {} } = options
  const listen = env[LISTEN] ?? '127.0.0.1:8080'
  const adminListen = env[ADMIN_LISTEN] ?? '127.0.0.1:8081'
  const file = {
    public_url: `http://${listen.replace(/:0$/, '')}`,
    listen,
    admin: { listen: adminListen },
    store: 'sqlite:data/ringback.db',
    allow_targets: ['127.0.0.0/8'],
    accounts: [
      {
        id: TRIAL_ACCOUNT,
        webhook_secret: { env: 'TRIAL_WEBHOOK_SECRET' },
        auth_token: { env: 'TRIAL_AUTH_TOKEN' },
        default_callback_url: handlerUrl,
      },
    ],
  }
  return loadConfig({
    path: 'trial configuration',
    text: JSON.stringify(file), // JSON is YAML
    env: { TRIAL_WEBHOOK_SECRET, TRIAL_AUTH_TOKEN },
  })
}
