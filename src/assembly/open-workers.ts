import { monoOrigin } from '../clock.ts'
import { hostAndPort } from '../config/units.ts'
import { keyRings } from '../routing/key-rings.ts'
import { Crew } from '../workers/crew.ts'
import { pathScope } from '../workers/entrance.ts'
import type { WorkerPolicy } from '../workers/messages.ts'
import { bindPort, type BoundPort } from './bind-port.ts'
import type { Current } from './current.ts'
import type { PublicPort } from './public-port.ts'
import type { PublicPortParts } from './public-port-parts.ts'
import type { OwnHandlers } from './own-handlers.ts'
import { listening } from './port-problem.ts'
import { watchTlsFiles } from './tls-files.ts'

/**
 * The public port, served by processes of their own; this one decides and keeps everything.
 *
 * @throws RingbackError `config` when the port cannot be opened, or its certificate not be used
 */
export async function openWorkers(parts: PublicPortParts, workers: number): Promise<PublicPort> {
  const { clock, current, changes, forwarder, metrics, inheritedSocket } = parts
  const { config } = current.loaded
  const tls = config.tls === undefined ? undefined : watchTlsFiles(config.tls)
  const port: BoundPort = await listening('listen', config.listen, async () =>
    inheritedSocket === undefined
      ? bindPort(hostAndPort(config.listen))
      : { fd: inheritedSocket, close: () => undefined },
  )
  const crew = new Crew({
    ...parts,
    orders: {
      kind: 'orders',
      monoOrigin: monoOrigin(),
      workers,
      tls: tls?.files,
      trustedProxies: config.trusted_proxies,
      maxBodyBytes: config.defaults.max_body,
      maxReplyBytes: config.defaults.max_reply,
      maxInFlight: {
        callbacks: config.defaults.max_in_flight,
        bytes: config.defaults.max_in_flight_bytes,
      },
    },
    socket: port.fd,
    policy: () => current.policy,
    workerPolicy: () => workerPolicy(current, parts.own),
    inFlight: (change) => metrics.inFlight(change),
    onResolved: (host, addresses) => changes.resolved(host.toLowerCase(), addresses, clock.wall()),
    onCertificate: (origin, expiresAt) => forwarder.sawCertificate(origin, expiresAt),
    onLost: () => metrics.workerLost(),
  })
  const close = async (graceMs: number): Promise<void> => {
    port.close() // the workers hold it open until they are done
    await crew.close(graceMs)
  }
  try {
    const address = await crew.start()
    metrics.setGauges({ workers: () => crew.standing() })
    return {
      address,
      tls,
      server: { close, renewCertificate: (files) => crew.renewCertificate(files) },
      inFlight: () => crew.inFlight,
      publish: () => crew.publish(),
      taken: () => crew.taken(),
      workers: () => crew.standing(),
    }
  } catch (error) {
    await close(0)
    throw error
  }
}

function workerPolicy({ loaded: { config }, policy }: Current, own: OwnHandlers): WorkerPolicy {
  return {
    rings: [...keyRings(config)].filter(([name]) => policy.verifiers.has(name)),
    paths: policy.table.paths.map((entry) => ({ ...entry, value: pathScope(entry.value) })),
    publicBase: policy.publicBase,
    providers: own.providers(config.provider_addresses),
    allowTargets: own.targets(config.allow_targets),
  }
}
