import type { Command } from 'commander'

import type { Cli } from '../cli.ts'

/** What the demonstration is given; it starts a daemon, so only the process's own edge can build it. */
export type Demo = (options: {
  readonly isFast: boolean
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly print: Cli['print']
  readonly paint: Cli['paint']
}) => Promise<void>

export function addDemo(program: Command, cliFor: (command: Command) => Cli, demo: Demo): void {
  program
    .command('demo')
    .summary('show in a minute what Ringback does; needs nothing and leaves nothing behind')
    .option('--fast', 'without the pauses to read along')
    .addHelpText('before', 'Examples:\n  ringback demo\n')
    .action(async (options: { readonly fast?: boolean }, command: Command) => {
      const cli = cliFor(command)
      await demo({
        isFast: options.fast === true,
        signal: cli.signal,
        print: (text) => cli.print(text),
        paint: (color, text) => cli.paint(color, text),
      })
    })
}
