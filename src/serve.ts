import { flushCompileCache } from 'node:module'

import type { App } from './assembly/app-options.ts'
import { loadLedgerThreads } from './assembly/ledger-threads.ts'
import { loadConfig, type LoadedConfig } from './config/load.ts'
import { formatProblem } from './config/problem.ts'
import { trialConfig } from './config/trial.ts'
import { inheritedSocket } from './inherited-socket.ts'
import { openLog } from './log.ts'
import { startUpText } from './start-up-text.ts'
import { startTrialHandler, type TrialHandler } from './trial/handler.ts'

export interface ServeOptions {
  /** The file; the trial configuration runs without one. */
  readonly configPath: string | undefined
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Exit code of an error that is ours (EX_SOFTWARE of sysexits.h). */
const OWN_FAILURE = 70
/** After an error of ours, callbacks that are under way get this long. */
const LAST_GASP_MS = 2_000

/**
 * Runs the daemon until it is told to stop; resolves with the exit code.
 * The first SIGTERM or SIGINT stops gracefully, the second one at once; SIGHUP reloads.
 *
 * @throws RingbackError when it cannot start
 */
export async function serve(options: ServeOptions): Promise<number> {
  const trial = options.configPath === undefined ? await startTrialHandler() : undefined
  try {
    return await run(options, trial)
  } finally {
    await trial?.close()
  }
}

async function run(
  { configPath: path, version, env }: ServeOptions,
  trial: TrialHandler | undefined,
): Promise<number> {
  const load = (): LoadedConfig =>
    path === undefined ? trialConfig({ handlerUrl: trial?.url ?? '', env }) : loadConfig({ path, env })
  const loaded = load()
  const ledgerThreads = loadLedgerThreads(loaded.config)
  const log = openLog(loaded.config.log.level)
  const { promise: ended, resolve: end } = Promise.withResolvers<number>()

  const endAfter = async (app: App | undefined): Promise<void> => {
    await app?.close().catch(() => undefined)
    end(OWN_FAILURE)
  }
  let isFailing = false
  const onOwnFailure = (error: unknown): void => {
    if (isFailing) return
    isFailing = true
    log.pino.fatal({ err: error }, 'an error of our own; the process ends')
    setTimeout(end, LAST_GASP_MS, OWN_FAILURE).unref()
    void endAfter(app)
  }
  process.on('uncaughtException', onOwnFailure)
  process.on('unhandledRejection', onOwnFailure)

  let app: App | undefined
  try {
    // Not before: most of the code is loaded here, and the threads of the ledger do the same beside it.
    const { startApp } = await import('./app.ts')
    app = await startApp({
      ledgerThreads,
      loaded,
      reload: path === undefined ? undefined : load,
      log,
      version,
      nodeVersion: process.version,
      trial,
      inheritedSocket: inheritedSocket(env, process.pid),
      onOwnFailure,
    })
  } catch (error) {
    log.close()
    throw error
  }
  // Before anybody is told that it runs: a signal that comes earlier would end the process on the spot.
  listenToSignals(app, log.pino, end)
  for (const warning of loaded.warnings) log.pino.warn({ problem: formatProblem(warning) }, 'configuration')
  const { publicAddress, adminAddress, captureAddress: capture } = app
  const config = loaded.path
  log.pino.info({ public: publicAddress, admin: adminAddress, capture, version, config }, 'listening')
  log.flush()
  if (trial !== undefined) process.stderr.write(startUpText(app))
  // Not at the end, as Node would: whoever is killed never comes to that.
  flushCompileCache()

  const code = await ended
  log.close()
  return code
}

function listenToSignals(
  app: App,
  log: { info: (fields: object, text: string) => void },
  end: (code: number) => void,
): void {
  let isStopping = false
  const stop = (signal: string): void => {
    if (isStopping) {
      process.exit(1)
    }
    isStopping = true
    log.info({ signal }, 'stopping; a second signal ends at once')
    app.close().then(
      () => end(0),
      () => end(OWN_FAILURE),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    try {
      app.reload()
    } catch {
      // The reload has said what is wrong, and the old configuration stays.
    }
  })
}
