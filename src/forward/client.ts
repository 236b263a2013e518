import type { Agent, fetch } from 'undici'

import { dial, type DialParts } from './dial.ts'
import { FailureError } from './failure.ts'

/** What of undici goes out to others than handlers. */
export interface Client {
  /** Connects to addresses that the policy allows, and to no others. */
  readonly agent: Agent
  readonly fetch: typeof fetch
}

/** Loads undici, a tenth of a start, so only for who needs it; whoever awaits the client hears when that fails. */
export async function openClient(parts: DialParts, options: Agent.Options): Promise<Client> {
  const undici = await import('undici')
  return {
    agent: new undici.Agent({ ...options, allowH2: false, connect: connector(parts) }),
    fetch: undici.fetch,
  }
}

const CONNECT_MS = 5_000

function connector(parts: DialParts): NonNullable<Agent.Options['connect']> {
  return ({ hostname, port, protocol }, callback) => {
    const isSecure = protocol === 'https:'
    const to = { hostname, isSecure, port: port === '' ? (isSecure ? 443 : 80) : Number(port) }
    dial(parts, to, {
      timeoutMs: CONNECT_MS,
      done: (failure, connection) => {
        if (connection !== undefined) callback(null, connection.socket)
        else callback(new FailureError(failure ?? { outcome: 'refused', error: 'no connection' }), null)
      },
    })
  }
}
