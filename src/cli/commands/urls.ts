import type { Command } from 'commander'

import { publicUrls } from '../../routing/public-urls.ts'
import type { Cli } from '../cli.ts'
import { readConfiguration } from '../configuration.ts'
import { oneLine } from '../terminal-text.ts'

export function addUrls(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('urls')
    .summary('print the public URLs to paste into Vobiz')
    .addHelpText('before', 'Examples:\n  ringback urls\n  ringback urls --json\n')
    .action((_options: unknown, command: Command) => {
      const cli = cliFor(command)
      const { config } = readConfiguration(cli)
      const urls = publicUrls(config)
      if (cli.options.json === true) {
        for (const { url, scope, id, account, note } of urls) {
          cli.printJson({ url, scope, id, account: account ?? null, note })
        }
        return
      }
      if (config.public_url === undefined) {
        cli.tell('public_url is not set: these URLs only work on this machine.')
      }
      if (urls.length === 0) cli.tell('No account and no route is configured yet.')
      if (config.capture !== undefined) {
        const { listen, api_base: api } = config.capture
        cli.tell(
          `API clients that call http://${listen} instead of ${api} have their callback URLs captured.`,
        )
      }
      for (const { url, note } of urls) cli.print(`${cli.paint('bold', oneLine(url))}\n    ${oneLine(note)}`)
    })
}
