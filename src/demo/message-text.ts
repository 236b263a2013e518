const NAME_WIDTH = 22

/** One line of a message: behind a name, where it has one. */
export interface MessageLine {
  readonly name: string
  readonly text: string
}

/** A message of Slack as a terminal shows it: names beside their values, no marks of Slack's own. */
export function messageLines(message: string): readonly MessageLine[] {
  const found: MessageLine[] = []
  let isCode = false
  let name = ''
  for (const line of message.split('\n')) {
    if (line === '```') {
      isCode = !isCode
      continue
    }
    const [, heading] = isCode ? [] : (/^\*(.+)\*$/.exec(line) ?? [])
    if (heading !== undefined) {
      name = heading
      continue
    }
    const isBare = name === '' && !isCode
    found.push({ name: isBare ? '' : name.padEnd(NAME_WIDTH), text: line })
    name = ''
  }
  return found
}
