import type { Command } from 'commander'

import { formatProblem, ConfigError, type Problem } from '../../config/problem.ts'
import { publicUrls } from '../../routing/public-urls.ts'
import type { Cli } from '../cli.ts'
import { readConfiguration } from '../configuration.ts'
import { oneLine } from '../terminal-text.ts'
import { plural } from '../words.ts'

export function addCheck(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('check')
    .summary('check the configuration file; says all that is wrong, with line and remedy')
    .argument('[file]', 'the file, instead of --config')
    .option('--strict', 'warnings count as errors')
    .addHelpText(
      'before',
      'Examples:\n  ringback check\n  ringback check /etc/ringback/ringback.yaml --strict\n',
    )
    .action((file: string | undefined, options: { readonly strict?: boolean }, command: Command) => {
      const cli = cliFor(command)
      check(
        file === undefined ? cli : { ...cli, options: { ...cli.options, config: file } },
        options.strict === true,
      )
    })
}

function check(cli: Cli, isStrict: boolean): void {
  try {
    const { config, path, warnings } = readConfiguration(cli)
    if (isStrict && warnings.length > 0) throw new ConfigError(warnings)
    if (cli.options.json === true) {
      cli.printJson({ ok: true, file: path, problems: [], warnings })
      return
    }
    tellAll(cli, warnings, 'warning: ')
    const routes = publicUrls(config)
    cli.print(
      `${cli.paint('green', 'ok')}  ${oneLine(path)}: ${plural(config.accounts.length, 'account')}, ${plural(routes.length, 'public URL')}`,
    )
    for (const route of routes) cli.print(`    ${route.scope.padEnd(11)} ${route.id}`)
  } catch (error) {
    if (cli.options.json === true && error instanceof ConfigError) {
      cli.printJson({
        ok: false,
        file: error.problems[0]?.file ?? '',
        problems: error.problems,
        warnings: [],
      })
    }
    throw error
  }
}

function tellAll(cli: Cli, problems: readonly Problem[], lead: string): void {
  for (const problem of problems) cli.tell(oneLine(lead + formatProblem(problem)))
}
