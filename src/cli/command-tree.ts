import type { Command } from 'commander'

/** One word that can be typed, with what it means. */
interface Word {
  readonly word: string
  readonly meaning: string
}

/** A command as completion knows it. */
export interface CommandNode {
  /** Words from the program on, such as `alerts ack`; empty for the program itself. */
  readonly path: string
  readonly meaning: string
  readonly options: readonly (Word & { readonly takesValue: boolean; readonly choices: readonly string[] })[]
  /** Subcommands, and the values of a first argument that has a closed set. */
  readonly words: readonly Word[]
}

/** Every command, its parents first; the options of the program hold for all of them. */
export function commandTree(program: Command): readonly CommandNode[] {
  return nodesOf(program, '', program)
}

function nodesOf(command: Command, path: string, program: Command): readonly CommandNode[] {
  const children = command.commands.map((child) => ({ word: child.name(), meaning: child.summary() }))
  const [first] = command.registeredArguments
  const values = (first?.argChoices ?? []).map((word) => ({ word, meaning: first?.description ?? '' }))
  const options = [...new Set([...command.options, ...program.options])].flatMap(
    ({ long, description, required, optional, argChoices }) =>
      typeof long === 'string'
        ? [{ word: long, meaning: description, takesValue: required || optional, choices: argChoices ?? [] }]
        : [],
  )
  const help = { word: '--help', meaning: 'show examples and options', takesValue: false, choices: [] }
  const node = {
    path,
    meaning: command.summary(),
    options: [...options, help],
    words: [...children, ...values],
  }
  return [
    node,
    ...command.commands.flatMap((child) =>
      nodesOf(child, path === '' ? child.name() : `${path} ${child.name()}`, program),
    ),
  ]
}
