import type { CommandNode } from './command-tree.ts'

// Scripts hold every word themselves: pressing TAB starts no process, and nothing that a daemon says can reach a shell.

type Tree = readonly CommandNode[]

/** Every command after the program's name, quoted. */
function pathsOf(tree: Tree): string[] {
  return tree.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]))
}

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html; works in bash 3.2 on, too. */
export function bashScript(tree: Tree): string {
  return `# ringback completion for bash
_ringback() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" typed="" next word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    next="\${typed:+$typed }$word"
    case "$next" in
      ${pathsOf(tree).join(' | ')}) typed="$next" ;;
    esac
  done
  case "$typed $previous" in
${choicesOf(tree)
  .map(
    ({ path, option, choices }) =>
      `    ${quoted(`${path} ${option}`)}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
  )
  .join('\n')}
    *" --config" | *" -c" | *" --token-file" | *" --raw") COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  local options="" words=""
  case "$typed" in
${tree
  .map(
    ({ path, options, words }) =>
      `    ${quoted(path)}) options=${quoted(options.map(({ word }) => word).join(' '))} words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
  )
  .join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _ringback ringback
`
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export function zshScript(tree: Tree): string {
  return `#compdef ringback
# ringback completion for zsh
_ringback() {
  local typed="" next word i
  local -a options commands
  for ((i = 2; i < CURRENT; i++)); do
    word="$words[i]"
    next="\${typed:+$typed }$word"
    case "$next" in
      ${pathsOf(tree).join('|')}) typed="$next" ;;
    esac
  done
  case "$typed" in
${tree
  .map(
    ({ path, options, words }) =>
      `    ${quoted(path)}) options=(${options.map(described).join(' ')}); commands=(${words.map(described).join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then _describe -o option options
  else _describe command commands || _files
  fi
}
compdef _ringback ringback
`
}

/** https://fishshell.com/docs/current/completions.html */
export function fishScript(tree: Tree): string {
  const lines = tree.flatMap((node) => {
    const when = conditionOf(node, tree)
    return [
      ...node.words.map(
        ({ word, meaning }) =>
          `complete -c ringback -f -n ${quoted(when)} -a ${quoted(word)} -d ${quoted(meaning)}`,
      ),
      ...node.options.map(({ word, meaning, takesValue, choices }) =>
        [
          `complete -c ringback -n ${quoted(when)} -l ${word.slice(2)}`,
          ...(takesValue ? ['-r'] : []),
          ...(choices.length > 0 ? [`-f -a ${quoted(choices.join(' '))}`] : []),
          `-d ${quoted(meaning)}`,
        ].join(' '),
      ),
    ]
  })
  return ['# ringback completion for fish', ...lines, ''].join('\n')
}

function conditionOf({ path }: CommandNode, tree: Tree): string {
  if (path === '') return '__fish_use_subcommand'
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  const deeper = tree
    .filter((other) => other.path.startsWith(`${path} `))
    .map((other) => other.path.slice(path.length + 1))
    .filter((word) => !word.includes(' '))
  const not = deeper.length === 0 ? [] : [`not __fish_seen_subcommand_from ${deeper.join(' ')}`]
  return [...seen, ...not].join('; and ')
}

function choicesOf(tree: Tree): readonly { path: string; option: string; choices: readonly string[] }[] {
  return tree.flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ word, choices }) => ({ path, option: word, choices })),
  )
}

/** `name:meaning` in quotes; a colon of the meaning would begin another. */
function described({ word, meaning }: { readonly word: string; readonly meaning: string }): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${meaning}`)
}

/** In single quotes, which nothing in a shell looks into. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
