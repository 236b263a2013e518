import { loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/schema.ts'
import type { Facts } from '../../../src/callback/event.ts'
import type { Registration } from '../../../src/ledger/ledger.ts'

/** A checked configuration; `KEY` and `PASSWORD` are the names of its secrets. */
export function configOf(file: object): Config {
  return loadConfig({
    path: 'ringback.yaml',
    text: JSON.stringify({ public_url: 'https://cb.example.com', ...file }),
    env: { KEY: 'a-key-of-good-length', KEY_2: 'another-key-of-good-length', PASSWORD: 'pass word' },
  }).config
}

export const key = { env: 'KEY' }

export function facts(some: Partial<Facts> = {}): Facts {
  return {
    event: 'call.completed',
    rawEvent: '',
    callId: '',
    account: '',
    application: '',
    trunk: '',
    discriminator: '',
    kind: 'notify',
    isProbe: false,
    ...some,
  }
}

export function registration(some: Partial<Registration> = {}): Registration {
  return {
    token: 'tok-1',
    account: 'MA_1',
    call_id: 'call-1',
    route: '',
    target: 'https://call.example.com/hook',
    fallback_target: '',
    method: '',
    events: [],
    created_at: 0,
    expires_at: 1000,
    ...some,
  }
}
