import { Argument, type Command } from 'commander'

import type { Cli } from '../cli.ts'
import { bashScript, fishScript, zshScript } from '../completion-scripts.ts'
import { commandTree } from '../command-tree.ts'

const shells = ['bash', 'zsh', 'fish'] as const
const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

export function addCompletion(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('completion')
    .summary('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .addHelpText(
      'before',
      'Examples:\n' +
        '  source <(ringback completion bash)                                        (in ~/.bashrc)\n' +
        '  source <(ringback completion zsh)                                         (in ~/.zshrc, after compinit)\n' +
        '  ringback completion fish > ~/.config/fish/completions/ringback.fish\n',
    )
    .action((shell: (typeof shells)[number], _options: unknown, command: Command) => {
      cliFor(command).print(scripts[shell](commandTree(program)).trimEnd())
    })
}
