import type { CallbackRow, Page } from '../../src/ledger/rows.ts'
import { type Answered, signedPost } from './signed-post.ts'
import { type RunningRingback, startRingback, type StartOptions } from './start-ringback.ts'

export const SECRET = 'whsec-rescue-0123456789'
const PUBLIC_URL = 'https://callbacks.example.com'
const PATH = '/vobiz/MA_TEST123'

export interface RescueConfig {
  /** URL of the handler. */
  readonly target: string
  /** YAML lines of the account, such as `reply: ack`. */
  readonly account?: string
  /** Inside of the braces of `rescue: { … }`. */
  readonly rescue?: string
  /** Lines at the top level. */
  readonly top?: string
  readonly store?: string
}

export interface TestEvent {
  readonly event: string
  readonly call_id: string
  readonly [field: string]: string | number
}

/** A configuration with one account, whose callbacks are rescued within seconds. */
export function rescueConfig({ target, account = '', rescue = '', top = '', store }: RescueConfig): string {
  const schedule = 'schedule: [200ms, 400ms, 1s, 1s, 2s, 2s, 5s, 5s, 30s, 30s]'
  return `
public_url: ${PUBLIC_URL}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: ${store ?? 'sqlite:ledger/ringback.db'}
allow_targets: [127.0.0.0/8]
rescue: { ${rescue.includes('schedule') ? '' : `${schedule}, `}${rescue} }
breaker: { probe_every: 300ms }
${top}
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    default_callback_url: ${target}
${account}
`
}

export function startRescue(
  config: RescueConfig,
  folder?: string,
  { env = {}, ...options }: Pick<StartOptions, 'env' | 'entry'> = {},
): Promise<RunningRingback> {
  return startRingback(rescueConfig(config), {
    ...options,
    env: { WEBHOOK_SECRET: SECRET, ...env },
    ...(folder === undefined ? {} : { folder }),
  })
}

/** Sends one callback as the provider would; every call is signed afresh. */
export function sendEvent(publicPort: number, event: TestEvent): Promise<Answered> {
  return signedPost({
    dialect: 'timestamp',
    secret: SECRET,
    publicUrl: PUBLIC_URL + PATH,
    sendTo: `http://127.0.0.1:${publicPort}${PATH}`,
    body: JSON.stringify(event),
  })
}

export async function getJson<Value>(ringback: RunningRingback, path: string): Promise<Value> {
  const response = await fetch(ringback.adminUrl + path)
  if (response.status !== 200)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Value
}

export async function callbacksOf(ringback: RunningRingback, query = ''): Promise<readonly CallbackRow[]> {
  const page = await getJson<Page<CallbackRow>>(ringback, `/api/v1/callbacks?limit=1000${query}`)
  return page.rows
}
