import type { Command } from 'commander'

import type { TrialView } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { oneLine } from '../terminal-text.ts'

const words = {
  healthy: 'The sample handler answers 200.',
  broken: 'The sample handler answers 503 to everything. Three failures in a row are an alert.',
} as const satisfies Record<TrialView['handler'], string>

export function addTrial(program: Command, cliFor: (command: Command) => Cli): void {
  const trial = program
    .command('trial')
    .summary('break or mend the sample handler of the trial configuration')
    .addHelpText(
      'before',
      'Examples:\n  ringback trial break\n  ringback trial mend\n  ringback trial show\n',
    )
  const add = (name: string, summary: string, handler: TrialView['handler'] | undefined): void => {
    trial
      .command(name)
      .summary(summary)
      .addHelpText('before', `Examples:\n  ringback trial ${name}\n  ringback trial ${name} --json\n`)
      .action(async (_options: unknown, command: Command) => {
        const cli = cliFor(command)
        const admin = connect(cli)
        const path = '/api/v1/trial'
        show(
          cli,
          handler === undefined
            ? await admin.get<TrialView>(path)
            : await admin.post<TrialView>(path, { handler }),
        )
      })
  }
  add('break', 'let it answer 503 to everything', 'broken')
  add('mend', 'let it answer 200 again', 'healthy')
  add('show', 'show how it behaves', undefined)
}

function show(cli: Cli, view: TrialView): void {
  if (cli.options.json === true) cli.printJson(view)
  else
    cli.print(
      cli.paint(view.handler === 'healthy' ? 'green' : 'red', oneLine(view.handler)) +
        `  ${words[view.handler]}`,
    )
}
