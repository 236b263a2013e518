import { createLiveFeed } from './admin/resources/live/live-feed.ts'
import { createAdminServer } from './admin/server.ts'
import { adminOptions } from './assembly/admin-options.ts'
import { adminParts } from './assembly/app-admin.ts'
import { currentAtStart } from './assembly/current.ts'
import type { App, AppOptions } from './assembly/app-options.ts'
import { systemClock } from './clock.ts'
import { hostAndPort } from './config/units.ts'
import { Closers } from './assembly/closers.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import { openConsole } from './assembly/console/open-console.ts'
import { openAlerts } from './assembly/open-alerts.ts'
import { createCapture } from './assembly/open-capture.ts'
import { openForwarding } from './assembly/open-forwarding.ts'
import { openGuards } from './assembly/open-guards.ts'
import { openIdMaker } from './assembly/open-id-maker.ts'
import { openLedger } from './assembly/open-ledger.ts'
import { openOutbox } from './assembly/open-outbox.ts'
import { openDrills } from './assembly/open-drills.ts'
import { openReconciler } from './assembly/open-reconciler.ts'
import { createRescue } from './assembly/open-rescue.ts'
import { OwnHandlers } from './assembly/own-handlers.ts'
import { createPipeline } from './pipeline.ts'
import { localBase, policyOf, withBase } from './assembly/policy.ts'
import { openPublicPort } from './assembly/open-public-port.ts'
import { listening } from './assembly/port-problem.ts'
import { createRecorder } from './record.ts'
import { Recoveries } from './rescue/recoveries.ts'
import { createReload } from './assembly/reload.ts'
import { createRenewal } from './assembly/renew-certificate.ts'
import { standingOf } from './assembly/standing.ts'
import { createTestCallback } from './assembly/test-callback.ts'
import { startJobs } from './assembly/start-jobs.ts'
import { openTracing } from './tracing/open-tracing.ts'

/** A stop waits this long for callbacks that are under way. */
const DRAIN_MS = 10_000
const TICK_MS = 1_000

/** Builds every part once, in the order a callback meets them. A start that fails half-way ends what it began. */
export async function startApp(options: AppOptions): Promise<App> {
  const closers = new Closers()
  try {
    return await build(options, closers)
  } catch (error) {
    await closers.close()
    throw error
  }
}

// One straight function on purpose: each step needs the parts made before it, and their order is the tour.
// oxlint-disable-next-line max-lines-per-function -- the list of parts is the point of this file
async function build(options: AppOptions, closers: Closers): Promise<App> {
  const { loaded, log } = options
  const { config } = loaded
  const clock = systemClock

  const metrics = createMetrics({ version: options.version, exemplars: config.metrics.exemplars })
  const ledger = await openLedger(config, { metrics, log: log.pino, threads: options.ledgerThreads })
  closers.add(() => ledger.close())
  const newId = await openIdMaker({ clock, reader: ledger.reader, log: log.pino })

  const own = new OwnHandlers()
  const registrations = await ledger.registrations.list(clock.wall())
  const current = currentAtStart(loaded, {
    policy: policyOf(config, registrations),
    addresses: own.addressPolicy(config.allow_targets),
    loadedAt: clock.wall(),
  })
  metrics.setRoutes(current.policy.table.routes)

  const guards = await openGuards(config, { ledger, clock, log: log.pino })
  closers.add(() => guards.keep())

  const { resolver, breaker, forwarder, changes, outsideOf, targets } = openForwarding(config, {
    clock,
    current,
  })
  closers.add(() => forwarder.close())
  metrics.setGauges({ targets })

  const outbox = await openOutbox(config.notify, {
    clock,
    outside: outsideOf(current.addresses),
    ledger,
    metrics,
    log: log.pino,
  })
  closers.add(() => outbox.close())

  const alerts = await openAlerts(config, {
    clock,
    newId,
    policy: current.policy,
    ledger,
    outbox,
    metrics,
    log: log.pino,
    standing: () => standingOf({ rescue, targets: targets(), reconciler }),
    isSkipped: (target) => breaker.isOpen(target),
    changes,
  })
  closers.add(() => alerts.engine.close())

  const { reader } = ledger
  const reconciler = openReconciler({ clock, current, outsideOf, reader, metrics, log: log.pino })
  closers.add(() => reconciler.close())

  const tracing = openTracing(options.version)
  const feed = createLiveFeed(clock)
  const recoveries = new Recoveries(clock)
  const recorder = createRecorder({
    clock,
    ledger: ledger.writer,
    log,
    metrics,
    listeners: [alerts.engine, feed, recoveries],
    spans: tracing.spans,
  })
  const { rescue, replays } = createRescue({
    clock,
    newId,
    ledger,
    forwarder,
    breaker,
    recorder,
    recoveries,
    current,
    log: log.pino,
  })
  await replays.open()
  await rescue.start()
  closers.add(() => rescue.close())
  closers.add(() => replays.close())
  metrics.setGauges({ rescueQueue: () => rescue.lengths() })
  const capture = createCapture({ clock, current, ledger, registrations, resolver, log: log.pino })
  const consoleParts = { clock, newId, current, ledger, log: log.pino, isTrial: options.trial !== undefined }
  const { doctor, retired, parts: console } = openConsole(consoleParts)
  const bare = createPipeline({
    clock,
    policy: tracing.policy(() => current.policy),
    guards,
    forwarder,
    ledger: ledger.writer,
    durability: config.ledger.durability,
    recorder,
    metrics,
    rescue: rescue.door,
    rewriteAnswer: capture.rewriteAnswer,
    suspect: (callback, scope, reason) => doctor.suspect(callback, scope, reason),
  })
  const pipeline = tracing.pipeline(bare)

  const ticking = setInterval(() => {
    alerts.tick()
    rescue.tick()
    reconciler.tick()
  }, TICK_MS)
  closers.add(() => clearInterval(ticking))

  const port = await openPublicPort({
    ...options,
    clock,
    newId,
    pipeline,
    recorder,
    metrics,
    current,
    own,
    changes,
    forwarder,
    log: log.pino,
  })
  const { tls, address: publicAddress } = port
  closers.add(() => port.server.close(DRAIN_MS))
  const base = localBase(publicAddress, tls !== undefined)
  current.policy = withBase(current.policy, config, base)
  forwarder.update({ policy: current.addresses, publicUrl: current.policy.publicBase })
  port.publish()

  const takers = { current, base, metrics, alerts: alerts.engine, own, port }
  const captureAddress = await capture.listen(config.capture)
  closers.add(() => capture.close(DRAIN_MS))

  const drills = openDrills({
    ...takers,
    clock,
    newId,
    store: ledger.alerts,
    outbox,
    log: log.pino,
    publicAddress,
    isSecure: tls !== undefined,
  })
  closers.add(() => drills.close())

  const renewCertificate = createRenewal(tls, { server: port.server, log: log.pino })
  const jobs = startJobs({
    current,
    ledger,
    clock,
    renewCertificate,
    drills,
    dead: () => rescue.lengths(),
    log: log.pino,
  })
  closers.add(() => jobs.close())

  const reload = createReload({
    ...takers,
    load: options.reload,
    adminHost: hostAndPort(config.admin.listen).host,
    clock,
    log: log.pino,
    forwarder,
    outbox,
    outsideOf,
    renewCertificate,
    retired,
  })

  let isDraining = false
  const admin = createAdminServer(
    adminParts({
      clock,
      ledger,
      alerts: alerts.engine,
      testChannels: (channel) => alerts.test(channel),
      drills,
      feed,
      metrics,
      rescue,
      replays,
      reconciliation: reconciler,
      current,
      failuresOf: (route, target) => alerts.failuresOf(route, target),
      isSkipped: (target) => breaker.isOpen(target),
      reload,
      console,
      trial: options.trial,
      testCallback: createTestCallback({
        clock,
        config: () => current.loaded.config,
        publicBase: () => current.policy.publicBase,
        publicAddress,
        isSecure: tls !== undefined,
      }),
      version: options.version,
      nodeVersion: options.nodeVersion,
      publicAddress,
      log: log.pino,
      port,
      isDraining: () => isDraining,
    }),
    adminOptions(() => current.loaded.config, options.version),
  )
  await listening('admin.listen', config.admin.listen, () => admin.listen())
  metrics.reloaded(true)
  // The private port closes last, so that readiness and metrics can be read while the rest ends.
  const adminAddress = admin.address.replace(/^https?:\/\//, '')
  return {
    publicAddress,
    adminAddress,
    captureAddress,
    reload,
    async close() {
      isDraining = true
      await closers.close()
      await admin.close()
    },
  }
}
