import { randomUUID } from 'node:crypto'

import { outboxChannels, type Outside } from './channels.ts'
import type { Clock } from '../clock.ts'
import type { LoadedConfig } from '../config/load.ts'
import { type Change, changesBetween, formatChange } from '../config/reload.ts'
import { RingbackError } from '../errors.ts'
import type { AddressPolicy } from '../forward/address.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notify/outbox.ts'
import type { OwnHandlers } from './own-handlers.ts'
import { type RouteTakers, takeRoutes } from './take-routes.ts'

export interface ReloadParts extends RouteTakers {
  /** Undefined where there is no file. */
  readonly load: (() => LoadedConfig) | undefined
  readonly clock: Clock
  readonly log: Log['pino']
  readonly forwarder: Forwarder
  readonly own: OwnHandlers
  readonly outbox: Outbox
  /** The way out for notifications, under a policy. */
  readonly outsideOf: (addresses: AddressPolicy) => Outside
  /** Reads the certificate again if its files changed, whatever becomes of the configuration. */
  readonly renewCertificate: () => void
}

/** Takes over a changed configuration as a whole, or not at all: whatever can fail happens before anything changes. */
export function createReload(parts: ReloadParts): () => readonly Change[] {
  const { load, current, clock, log, forwarder, metrics, alerts } = parts

  function takeOver(): readonly Change[] {
    if (load === undefined) {
      throw new RingbackError('config', 'there is no file to reload: this is the trial configuration')
    }
    const loaded = load()
    const { config } = loaded
    const changes = changesBetween(current.loaded.config, config)
    const addresses = parts.own.addressPolicy(config.allow_targets)
    const channels = outboxChannels(config.notify, parts.outsideOf(addresses))

    takeRoutes(config, parts)
    Object.assign(current, { loaded, addresses, loadedAt: clock.wall(), problem: '' })
    forwarder.update({ policy: addresses, publicUrl: current.policy.publicBase })
    parts.outbox.configure(channels)
    const text = `configuration reloaded: ${changes.length} settings changed`
    const marker = { id: randomUUID(), at: clock.wall(), text, created_by: 'ringback' }
    alerts
      .mark(marker)
      .catch((error: unknown) => log.warn({ part: 'alerts', err: error }, 'a marker was not kept'))
    return changes
  }

  return () => {
    parts.renewCertificate()
    try {
      const changes = takeOver()
      metrics.reloaded(true)
      log.info({ changes: changes.map(formatChange) }, 'configuration reloaded')
      return changes
    } catch (error) {
      current.problem = error instanceof Error ? error.message : String(error)
      metrics.reloaded(false)
      log.error({ problem: current.problem }, 'configuration not reloaded; the old one stays')
      throw error
    }
  }
}
