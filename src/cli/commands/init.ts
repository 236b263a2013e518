import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { Command } from 'commander'

import { exampleEnv, exampleYaml } from '../../config/example.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'

export function addInit(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('init')
    .summary('write a commented ringback.yaml and .env.example')
    .option('--force', 'overwrite files that exist')
    .addHelpText(
      'before',
      'Examples:\n  ringback init\n  ringback init --config /etc/ringback/ringback.yaml\n',
    )
    .action((options: { readonly force?: boolean }, command: Command) => {
      init(cliFor(command), options.force === true)
    })
}

function init(cli: Cli, isForced: boolean): void {
  const config = cli.options.config ?? 'ringback.yaml'
  const folder = dirname(config)
  const files = [
    { path: config, text: exampleYaml },
    { path: join(folder, '.env.example'), text: exampleEnv },
  ]
  const existing = files.filter(({ path }) => existsSync(path)).map(({ path }) => path)
  if (existing.length > 0 && !isForced) {
    throw new RingbackError(
      'not_allowed',
      `${existing.join(' and ')} ${existing.length > 1 ? 'exist' : 'exists'} already; overwrite with --force.`,
    )
  }
  try {
    mkdirSync(folder, { recursive: true })
    for (const { path, text } of files) {
      writeFileSync(path, text)
      if (cli.options.json === true) cli.printJson({ written: path })
      else cli.print(path)
    }
  } catch (cause) {
    throw new RingbackError('not_allowed', `Cannot write in ${folder}: ${String(cause)}`, { cause })
  }
  cli.tell(
    `Next: copy ${join(folder, '.env.example')} to ${join(folder, '.env')} and fill in the secrets, edit ${config},\n` +
      'then: ringback check, ringback urls, ringback serve',
  )
}
