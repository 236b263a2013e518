import { type Clock, monoOrigin, systemClock } from '../clock.ts'
import { createCarrier } from '../forward/carrier.ts'
import { createResolver, type Resolver } from '../forward/resolve.ts'
import { createIsProvider, createSenderOf } from '../ingress/peer.ts'
import { createReceiver } from '../ingress/receive.ts'
import { createPublicServer, type PublicServer } from '../ingress/server.ts'
import type { Pipeline } from '../pipeline.ts'
import { CallScopes } from './call-scopes.ts'
import { HandOver } from './hand-over.ts'
import type { Link } from './link.ts'
import type { Orders, OwnerSays, WorkerPolicy, WorkerSays } from './messages.ts'
import { noPolicy, takenPolicy } from './taken-policy.ts'

/** Descriptor of the listening socket, as the owner hands it over. */
export const SOCKET = 4

/** What a worker is, from its orders until it is told to close: sockets on both sides, and no memory. */
export interface WorkerService {
  hear(message: Exclude<OwnerSays, Orders>): void
}

/**
 * Builds a worker's parts and serves callbacks as soon as the first policy is there.
 *
 * @param onFailure told of errors that are ours; the process ends on them
 * @param end called when everything is answered and closed
 */
export function serveWorker(
  orders: Orders,
  link: Link<WorkerSays>,
  { onFailure, end }: { readonly onFailure: (error: unknown) => void; readonly end: () => void },
): WorkerService {
  const skew = monoOrigin() - orders.monoOrigin
  const clock: Clock = { wall: () => systemClock.wall(), mono: () => systemClock.mono() + skew }
  let policy = noPolicy

  const calls = new CallScopes((path) => link.say({ kind: 'ask_call', path }))
  const carrier = createCarrier({
    clock,
    resolver: telling(createResolver({ clock }), link),
    policy: policy.addresses,
    maxReplyBytes: orders.maxReplyBytes,
    onCertificate: (origin, certificateExpiresAt) =>
      link.say({ kind: 'shown', origin, certificateExpiresAt }),
  })
  const handOver = new HandOver({ clock, link, calls, carrier, policy: () => policy })
  const server = openIngress(orders, {
    clock,
    link,
    pipeline: handOver,
    providers: () => policy.providers,
    onFailure,
  })
  const take = (number: number, taken: WorkerPolicy): void => {
    const isFirst = policy.number === 0
    policy = takenPolicy(number, taken)
    calls.forget()
    carrier.update(policy.addresses)
    link.say({ kind: 'took', number })
    if (isFirst) listen(server, link).catch(onFailure)
  }

  return {
    hear(message) {
      switch (message.kind) {
        case 'policy':
          return take(message.number, message.policy)
        case 'call':
          return calls.told(message.path, message.scope)
        case 'errand':
          return handOver.run(message)
        case 'answer':
          return handOver.answer(message)
        case 'certificate':
          return server.renewCertificate(message.files)
        case 'close':
          server.close(message.graceMs).then(end, onFailure)
      }
    },
  }
}

/** The public port, as in a daemon of one process; what it needs of the owner goes over the link. */
function openIngress(
  orders: Orders,
  parts: {
    readonly clock: Clock
    readonly link: Link<WorkerSays>
    readonly pipeline: Pipeline
    readonly providers: () => readonly string[]
    readonly onFailure: (error: unknown) => void
  },
): PublicServer {
  const { clock, link, pipeline, providers, onFailure } = parts
  const receiver = createReceiver({
    clock,
    newId: () => '', // the owner's to give: one order for all workers
    pipeline,
    recorder: { refused: (refusal) => link.say({ kind: 'refused', refusal }) },
    senderOf: createSenderOf(orders.trustedProxies),
    isProvider: createIsProvider(providers),
    maxBodyBytes: orders.maxBodyBytes,
    maxInFlight: orders.maxInFlight,
    inFlight: () => undefined, // the owner counts over all workers
    onOwnFailure: onFailure,
  })
  const { tls, workers } = orders
  return createPublicServer(receiver, { tls, processes: workers })
}

async function listen(server: PublicServer, link: Link<WorkerSays>): Promise<void> {
  link.say({ kind: 'listening', address: await server.listen({ fd: SOCKET }) })
}

/** Tells the owner what names stand for: who follows changes of targets is there. */
function telling(resolver: Resolver, link: Link<WorkerSays>): Resolver {
  return {
    addresses(host) {
      const found = resolver.addresses(host)
      if (!(found instanceof Promise)) return found
      return found.then((addresses) => {
        link.say({ kind: 'resolved', host, addresses })
        return addresses
      })
    },
  }
}
