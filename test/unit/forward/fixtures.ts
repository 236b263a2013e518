import type { Callback, Exchange } from '../../../src/callback/callback.ts'
import type { Role, Route } from '../../../src/callback/route.ts'
import { systemClock } from '../../../src/clock.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { createForwarder, type Forwarder, type ForwarderOptions } from '../../../src/forward/forward.ts'
import { createResolver } from '../../../src/forward/resolve.ts'
import { parseTarget } from '../../../src/routing/target.ts'

/** A forwarder that closes itself at the end of a test; loopback is allowed explicitly. */
export function testForwarder(
  options: Partial<ForwarderOptions> & { readonly policyAllows?: readonly string[] } = {},
): Forwarder & AsyncDisposable {
  const forwarder = createForwarder({
    clock: systemClock,
    resolver: createResolver({ clock: systemClock }),
    policy: createAddressPolicy(options.policyAllows ?? ['127.0.0.0/8']),
    publicUrl: 'https://callbacks.example.com',
    maxReplyBytes: 2 * 1024 * 1024,
    ...options,
  })
  return Object.assign(forwarder, { [Symbol.asyncDispose]: () => forwarder.close() })
}

export function routeTo(urls: readonly string[], over: Partial<Route> = {}): Route {
  const [primary, ...others] = urls.map((url, index) =>
    parseTarget(url, (index === 0 ? 'primary' : 'fallback') satisfies Role),
  )
  return {
    id: 'test',
    scope: 'path',
    account: undefined,
    targets: [primary!, ...others],
    prefix: undefined,
    events: undefined,
    kind: 'auto',
    signature: 'off',
    resign: true,
    preserveHost: false,
    responseContract: 'off',
    method: undefined,
    headers: [],
    deadlineMs: 3000,
    marginMs: 200,
    onFailure: 'relay',
    reply: 'handler',
    staticReply: undefined,
    basicAuth: undefined,
    ...over,
  }
}

export function exchangeOn(
  route: Route,
  over: Partial<Callback> = {},
  rest: Partial<Exchange> = {},
): Exchange {
  return {
    callback: {
      id: '01J00000000000000000000000',
      receivedAt: systemClock.wall(),
      startedAt: systemClock.mono(),
      method: 'POST',
      path: '/',
      query: '',
      headers: 'Host: callbacks.example.com\r\nContent-Type: application/json\r\n',
      body: Buffer.from('{"event":"call.completed"}'),
      peer: '192.0.2.7',
      ...over,
    },
    route,
    facts: {
      event: 'call.completed',
      rawEvent: '',
      callId: 'c-1',
      account: '',
      application: '',
      trunk: '',
      discriminator: '',
      kind: 'notify',
      isProbe: false,
    },
    kind: 'notify',
    verdict: 'unchecked',
    guardKey: '',
    bodyHash: '',
    traceparent: '',
    ...rest,
  }
}

export const live = { via: 'live', firstNumber: 1 } as const
