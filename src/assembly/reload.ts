import { randomUUID } from 'node:crypto'

import { isLoopback } from '../admin/access/hosts.ts'
import type { ReloadResult } from '../admin/api.ts'
import { outboxChannels, type Outside } from './channels.ts'
import type { RetiredKeys } from './console/signature-keys.ts'
import type { Clock } from '../clock.ts'
import type { LoadedConfig } from '../config/load.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { type Change, changesBetween, formatChange, inForce } from '../config/reload.ts'
import { messageOf, RingbackError } from '../errors.ts'
import type { AddressPolicy } from '../forward/address.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notify/outbox.ts'
import type { OwnHandlers } from './own-handlers.ts'
import type { PublicPort } from './public-port.ts'
import { type RouteTakers, takeRoutes } from './take-routes.ts'

/** Takes over the file as it is now. Throws a RingbackError `config` when it is not usable. */
export interface Reload {
  (): Reloaded
  /** Only says what it would change. */
  readonly plan: () => Reloaded
}

export interface Reloaded {
  readonly changes: readonly Change[]
  /** Of the file that was read. */
  readonly warnings: readonly Problem[]
}

export interface ReloadParts extends RouteTakers {
  /** Undefined where there is no file. */
  readonly load: (() => LoadedConfig) | undefined
  /** Where the private port listens, whatever the file says now. */
  readonly adminHost: string
  readonly clock: Clock
  readonly log: Log['pino']
  readonly forwarder: Forwarder
  readonly own: OwnHandlers
  /** Learns which keys went. */
  readonly retired: RetiredKeys
  readonly outbox: Outbox
  /** The way out for notifications, under a policy. */
  readonly outsideOf: (addresses: AddressPolicy) => Outside
  /** Reads the certificate again if its files changed, whatever becomes of the configuration. */
  readonly renewCertificate: () => void
  readonly port: Pick<PublicPort, 'publish'>
}

/** Takes over a changed configuration as a whole, or not at all: whatever can fail happens before anything changes. */
export function createReload(parts: ReloadParts): Reload {
  const { load, current, clock, log, forwarder, metrics, alerts } = parts

  function readFile(): LoadedConfig {
    if (load === undefined) {
      throw new RingbackError('config', 'there is no file to reload: this is the trial configuration')
    }
    const loaded = load()
    // The check of the file looks at the address it names, which may not be the one that is open.
    if (loaded.config.admin.tokens.length === 0 && !isLoopback(parts.adminHost)) {
      throw new RingbackError(
        'config',
        `admin.tokens: until a restart the private port listens on ${parts.adminHost}, where other machines reach it; keep a token until then`,
      )
    }
    return loaded
  }

  const comparison = ({ config, warnings }: LoadedConfig): Reloaded => ({
    changes: changesBetween(inForce(current.started, current.loaded.config), config),
    warnings,
  })

  function takeOver(): Reloaded {
    const loaded = readFile()
    const { config } = loaded
    const compared = comparison(loaded)
    const addresses = parts.own.addressPolicy(config.allow_targets)
    const channels = outboxChannels(config.notify, parts.outsideOf(addresses), log)

    takeRoutes(config, parts)
    parts.retired.replaced(current.loaded.config, config, clock.wall())
    Object.assign(current, { loaded, addresses, loadedAt: clock.wall(), problem: '' })
    forwarder.update({ policy: addresses, publicUrl: current.policy.publicBase })
    parts.port.publish()
    parts.outbox.configure(channels)
    log.level = config.log.level
    const text = `configuration reloaded: ${compared.changes.length} settings changed`
    const marker = { id: randomUUID(), at: clock.wall(), text, created_by: 'ringback' }
    alerts
      .mark(marker)
      .catch((error: unknown) => log.warn({ part: 'alerts', err: error }, 'a marker was not kept'))
    return compared
  }

  const reload = (): Reloaded => {
    parts.renewCertificate()
    try {
      const reloaded = takeOver()
      metrics.reloaded(true)
      log.info({ changes: reloaded.changes.map(formatChange) }, 'configuration reloaded')
      return reloaded
    } catch (error) {
      current.problem = messageOf(error)
      metrics.reloaded(false)
      log.error({ problem: current.problem }, 'configuration not reloaded; the old one stays')
      throw error
    }
  }
  return Object.assign(reload, { plan: () => comparison(readFile()) })
}

export function reloadView({ changes, warnings }: Reloaded, isDryRun: boolean): ReloadResult {
  return {
    dry_run: isDryRun,
    changes: changes.map(({ field, text, needsRestart }) => ({ field, text, needs_restart: needsRestart })),
    warnings: warnings.map(formatProblem),
  }
}
