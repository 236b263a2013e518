import type { LoadedConfig } from './load.ts'
import { loadConfig } from './load.ts'

/** Account of the trial configuration. */
export const TRIAL_ACCOUNT = 'MA_TRIAL'
/** Public knowledge: the trial listens on this machine only. A real file never holds a secret. */
const TRIAL_WEBHOOK_SECRET = 'ringback-trial-webhook-secret'
/** Public knowledge, see TRIAL_WEBHOOK_SECRET. */
const TRIAL_AUTH_TOKEN = 'ringback-trial-auth-token'

export interface TrialOptions {
  /** Where the bundled sample handler listens; a loopback URL. */
  readonly handlerUrl: string
  /** Public and admin address, for those whose ports are taken. */
  readonly listen?: string
  readonly adminListen?: string
  readonly store?: string
}

/** What Ringback runs on when there is no file: one account whose handler is inside the process, on this machine only. */
export function trialConfig(options: TrialOptions): LoadedConfig {
  const { handlerUrl, listen = '127.0.0.1:8080', adminListen = '127.0.0.1:8081' } = options
  const file = {
    public_url: `http://${listen.replace(/:0$/, '')}`,
    listen,
    admin: { listen: adminListen },
    store: options.store ?? 'sqlite:data/ringback.db',
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
