import type { Command } from 'commander'

import type { HealthView } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'

/** For containers and service managers: they know 0 and 1 only, and read one line. */
export function addHealthcheck(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('healthcheck')
    .summary('exit 0 when the daemon is ready, 1 when not (for Docker)')
    .addHelpText(
      'before',
      'Examples:\n  ringback healthcheck\n  HEALTHCHECK CMD ["ringback", "healthcheck"]\n',
    )
    .action(async (_options: unknown, command: Command) => {
      const cli = cliFor(command)
      try {
        const health = await connect(cli).get<HealthView>('/readyz')
        if (cli.options.json === true) cli.printJson(health)
        else cli.tell('ready')
      } catch (error) {
        if (cli.options.json === true && error instanceof RingbackError) {
          cli.printJson({ is_ready: false, reasons: [error.message] } satisfies HealthView)
        }
        throw error
      }
    })
}
