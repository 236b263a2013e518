import { type Command, Option } from 'commander'

import { type FlowName, flowNames } from '../../sample/flows.ts'
import type { Cli } from '../cli.ts'
import { hanging } from '../wrapping.ts'

/** What the demonstration is given; it starts a daemon, so only the process's own edge can build it. */
export type Demo = (options: {
  readonly isFast: boolean
  /** A whole call to play instead of the story. */
  readonly flow: FlowName | undefined
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly print: Cli['print']
  readonly paint: Cli['paint']
  readonly hanging: (name: string, text: string, margin: number) => string
}) => Promise<void>

export function addDemo(program: Command, cliFor: (command: Command) => Cli, demo: Demo): void {
  program
    .command('demo')
    .summary('show in a minute what Ringback does; needs nothing and leaves nothing behind')
    .option('--fast', 'without the pauses to read along')
    .addOption(
      new Option('--flow <name>', 'play a whole call instead, and show it as the ledger has it').choices(
        flowNames,
      ),
    )
    .addHelpText('before', 'Examples:\n  ringback demo\n  ringback demo --flow inbound-ivr\n')
    .action(async (options: { readonly fast?: boolean; readonly flow?: FlowName }, command: Command) => {
      const cli = cliFor(command)
      await demo({
        isFast: options.fast === true,
        flow: options.flow,
        signal: cli.signal,
        print: (text) => cli.print(text),
        hanging: (name, text, margin) => hanging(name, text, cli.width - margin),
        paint: (color, text) => cli.paint(color, text),
      })
    })
}
