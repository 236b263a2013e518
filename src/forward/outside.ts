import type { fetch as undiciFetch } from 'undici'

import { type Client, openClient } from './client.ts'
import type { DialParts } from './dial.ts'
import { FailureError } from './failure.ts'

/** The way out for notifications: URLs of a configuration are no more to be trusted than those of handlers. */
export interface Outside {
  /** Like the global fetch, but only to addresses that the policy allows, and never after a redirect. */
  readonly fetch: typeof undiciFetch
  /** Loads what `fetch` needs, which is a tenth of a start: to be called where it is known that it will be wanted. */
  prepare(): void
  /** An allowed address of a name, for libraries that connect by themselves; rejects with a message for people. */
  resolveHost(hostname: string): Promise<string>
}

const MOST_HEAD_BYTES = 16 * 1024
const MOST_BODY_BYTES = 1024 * 1024

export function createOutside(parts: DialParts): Outside {
  let client: Promise<Client> | undefined
  const load = (): Promise<Client> =>
    openClient(parts, { maxHeaderSize: MOST_HEAD_BYTES, maxResponseSize: MOST_BODY_BYTES })
  return {
    async fetch(input, init) {
      client ??= load()
      const { fetch, agent: dispatcher } = await client
      return fetch(input, { ...init, dispatcher, redirect: 'error' })
    },
    prepare() {
      client ??= load()
      client.catch(() => undefined) // whoever asks hears of it
    },
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
