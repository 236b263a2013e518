import type { Clock } from '../clock.ts'
import { hostAndPort } from '../config/units.ts'
import { createIsProvider, createSenderOf } from '../ingress/peer.ts'
import { createReceiver } from '../ingress/receive.ts'
import { createPublicServer, type PublicServer } from '../ingress/server.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Recorder } from '../record.ts'
import type { Current } from './current.ts'
import type { AppOptions } from './app-options.ts'
import { listening } from './port-problem.ts'
import { type TlsWatch, watchTlsFiles } from './tls-files.ts'

export interface PublicPortParts extends Pick<AppOptions, 'inheritedSocket' | 'onOwnFailure'> {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly pipeline: Pipeline
  readonly recorder: Recorder
  readonly metrics: Metrics
  readonly current: Current
  /** Addresses that callbacks may come from, given those of the configuration. */
  readonly providers: (configured: readonly string[]) => readonly string[]
}

/** The port that callbacks come in by, open. */
export interface PublicPort {
  readonly server: PublicServer
  /** `HOST:PORT` as bound. */
  readonly address: string
  /** Undefined when TLS ends before Ringback, or nowhere. */
  readonly tls: TlsWatch | undefined
  /** Callbacks that are under way. */
  inFlight(): number
}

/** @throws RingbackError `config` when the port cannot be opened, or its certificate not be used */
export async function openPublicPort(parts: PublicPortParts): Promise<PublicPort> {
  const { clock, newId, pipeline, recorder, metrics, current, onOwnFailure, inheritedSocket } = parts
  const { config } = current.loaded
  let inFlight = 0
  const receiver = createReceiver({
    clock,
    newId,
    pipeline,
    recorder,
    senderOf: createSenderOf(config.trusted_proxies),
    isProvider: createIsProvider(() => parts.providers(current.loaded.config.provider_addresses)),
    maxBodyBytes: config.defaults.max_body,
    maxInFlight: config.defaults.max_in_flight,
    inFlight: (change) => {
      inFlight += change
      metrics.inFlight(change)
    },
    onOwnFailure,
  })
  const tls = config.tls === undefined ? undefined : watchTlsFiles(config.tls)
  const server = createPublicServer(receiver, tls?.files)
  const address = await listening('listen', config.listen, () =>
    server.listen(inheritedSocket === undefined ? hostAndPort(config.listen) : { fd: inheritedSocket }),
  )
  return { server, address, tls, inFlight: () => inFlight }
}
