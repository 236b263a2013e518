import type { Command } from 'commander'

import { nearest } from '../config/suggestion.ts'
import { RingbackError } from '../errors.ts'
import { oneLine } from './terminal-text.ts'

/** What to say of a word that a command does not know: what was probably meant, or where to look. */
export function unknownWord(word: string, command: Command): RingbackError {
  const isOption = word.startsWith('-')
  const known = isOption
    ? command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []))
    : command.commands.map((each) => each.name())
  const near = nearest(word, known) ?? known.find((each) => each.startsWith(word))
  const hint = near === undefined ? `${pathOf(command)} --help lists what there is.` : `Did you mean ${near}?`
  const kind = isOption ? 'option' : command.parent === null ? 'command' : 'subcommand'
  return new RingbackError('usage', `unknown ${kind} ${oneLine(word, 64)}. ${hint}`)
}

/** A command that does something by itself takes any word for an argument too many; it is a subcommand, misspelt. */
export function refuseUnknownSubcommands(program: Command): void {
  for (const command of program.commands) {
    if (command.commands.length === 0) continue
    command.allowExcessArguments().hook('preAction', (_command, acting) => {
      const [word] = acting.args
      if (acting === command && word !== undefined) throw unknownWord(word, command)
    })
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
