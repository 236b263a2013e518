import type { SecureContext } from 'node:tls'

import { Agent, fetch as undiciFetch } from 'undici'

import type { Clock } from '../clock.ts'
import type { AddressPolicy } from './address.ts'
import { dial } from './dial.ts'
import { FailureError } from './failure.ts'
import type { Resolver } from './resolve.ts'

/** The way out for notifications: URLs of a configuration are no more to be trusted than those of handlers. */
export interface Outside {
  /** Like the global fetch, but only to addresses that the policy allows, and never after a redirect. */
  readonly fetch: typeof undiciFetch
  /** An allowed address of a name, for libraries that connect by themselves; rejects with a message for people. */
  resolveHost(hostname: string): Promise<string>
}

const CONNECT_MS = 5_000
const MOST_HEAD_BYTES = 16 * 1024
const MOST_BODY_BYTES = 1024 * 1024

export function createOutside(parts: {
  readonly clock: Clock
  readonly resolver: Resolver
  readonly policy: AddressPolicy
  readonly secureContext?: SecureContext | undefined
}): Outside {
  const dispatcher = new Agent({
    connect: ({ hostname, port, protocol }, callback) => {
      const isSecure = protocol === 'https:'
      const to = { hostname, isSecure, port: port === '' ? (isSecure ? 443 : 80) : Number(port) }
      dial(parts, to, {
        timeoutMs: CONNECT_MS,
        done: (failure, connection) => {
          if (connection !== undefined) callback(null, connection.socket)
          else callback(new FailureError(failure ?? { outcome: 'refused', error: 'no connection' }), null)
        },
      })
    },
    allowH2: false,
    maxHeaderSize: MOST_HEAD_BYTES,
    maxResponseSize: MOST_BODY_BYTES,
  })
  return {
    fetch: (input, init) => undiciFetch(input, { ...init, dispatcher, redirect: 'error' }),
    async resolveHost(hostname) {
      const addresses = await parts.resolver.addresses(hostname.replace(/^\[|\]$/g, ''))
      for (const address of addresses) {
        const refusal = parts.policy.refusal(address)
        if (refusal !== undefined)
          throw new FailureError({ outcome: 'blocked_target', error: `${hostname}: ${refusal}` })
      }
      const [first] = addresses
      if (first === undefined) throw new FailureError({ outcome: 'dns', error: `${hostname} has no address` })
      return first
    },
  }
}
