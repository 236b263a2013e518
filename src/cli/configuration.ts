import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'

import { type LoadedConfig, loadConfig, readAdminListen } from '../config/load.ts'
import { trialConfig } from '../config/trial.ts'
import type { Cli, Environment } from './cli.ts'

const DEFAULT_FILE = 'ringback.yaml'

/**
 * The configuration file that is meant: `--config`, RINGBACK_CONFIG, or ringback.yaml in this folder if there is one.
 * Undefined means the trial configuration.
 */
export function configPath({ options, env }: Pick<Cli, 'options' | 'env'>): string | undefined {
  const named = options.config ?? env['RINGBACK_CONFIG']
  if (named !== undefined && named !== '') return named
  return existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined
}

/** The environment, completed from a file `.env` beside the configuration; what is really set wins. */
export function withDotEnv(env: Environment, path: string | undefined): Environment {
  const file = join(path === undefined ? '.' : dirname(path), '.env')
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...env } : env
}

/** The configuration that a daemon here would run. @throws ConfigError with all problems */
export function readConfiguration(cli: Cli): LoadedConfig {
  const path = configPath(cli)
  // The sample handler is inside the daemon; its address plays no part in what the commands do.
  if (path === undefined) return trialConfig({ handlerUrl: 'http://127.0.0.1:1/', env: cli.env })
  return loadConfig({ path, env: withDotEnv(cli.env, path) })
}

/** Where the admin port of the daemon here is. @throws ConfigError where the file cannot even be read for that */
export function adminListen(cli: Cli): string {
  const path = configPath(cli)
  return (
    (path === undefined ? undefined : readAdminListen(path)) ?? readConfiguration(cli).config.admin.listen
  )
}
