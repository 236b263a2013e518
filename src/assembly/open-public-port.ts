import { availableParallelism } from 'node:os'

import { hostAndPort } from '../config/units.ts'
import { createIsProvider, createSenderOf } from '../ingress/peer.ts'
import { createReceiver } from '../ingress/receive.ts'
import { createPublicServer } from '../ingress/server.ts'
import { openWorkers } from './open-workers.ts'
import { listening } from './port-problem.ts'
import type { PublicPort } from './public-port.ts'
import type { PublicPortParts } from './public-port-parts.ts'
import { watchTlsFiles } from './tls-files.ts'

/** @throws RingbackError `config` when the port cannot be opened, or its certificate not be used */
export async function openPublicPort(parts: PublicPortParts): Promise<PublicPort> {
  const { workers } = parts.current.loaded.config
  const count = workers === 'auto' ? availableParallelism() : workers
  return count === 1 ? openHere(parts) : openWorkers(parts, count)
}

async function openHere(parts: PublicPortParts): Promise<PublicPort> {
  const { clock, newId, pipeline, recorder, metrics, current, onOwnFailure, inheritedSocket } = parts
  const { config } = current.loaded
  let inFlight = 0
  const receiver = createReceiver({
    clock,
    newId,
    pipeline,
    recorder,
    senderOf: createSenderOf(config.trusted_proxies),
    isProvider: createIsProvider(() => parts.own.providers(current.loaded.config.provider_addresses)),
    maxBodyBytes: config.defaults.max_body,
    maxInFlight: {
      callbacks: config.defaults.max_in_flight,
      bytes: config.defaults.max_in_flight_bytes,
    },
    inFlight: (change) => {
      inFlight += change
      metrics.inFlight(change)
    },
    onOwnFailure,
  })
  const tls = config.tls === undefined ? undefined : watchTlsFiles(config.tls)
  const server = createPublicServer(receiver, { tls: tls?.files })
  const address = await listening('listen', config.listen, () =>
    server.listen(inheritedSocket === undefined ? hostAndPort(config.listen) : { fd: inheritedSocket }),
  )
  return {
    server,
    address,
    tls,
    inFlight: () => inFlight,
    publish: () => undefined,
    taken: () => Promise.resolve(),
    workers: () => undefined,
  }
}
