/** What Slack would refuse of a message, each in words; empty when it would take it. */
export function slackProblems(body: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = []
  const tooLong = (what: string, value: unknown, max: number): void => {
    const text = typeof value === 'string' ? value : ''
    if (text.length > max) problems.push(`${what} has ${text.length} characters, at most ${max}`)
    if (text === '') problems.push(`${what} is empty`)
    if (!text.isWellFormed()) problems.push(`${what} is no valid Unicode`)
    if (/&(?!amp;|lt;|gt;)/.test(text)) problems.push(`${what} holds a broken entity`)
  }
  const all = JSON.stringify(body)
  if (all.length >= 12_000) problems.push(`the message has ${all.length} characters`)
  for (const attachment of list(body['attachments'])) {
    const blocks = list(attachment['blocks'])
    if (blocks.length > 50) problems.push(`${blocks.length} blocks`)
    for (const block of blocks) {
      const text = (block['text'] as { text?: unknown } | undefined)?.text
      const fields = list(block['fields'])
      if (block['type'] === 'header') {
        const plain = typeof text === 'string' ? text : ''
        if (plain.length > 150 || plain === '') problems.push(`a header of ${plain.length} characters`)
      } else if (fields.length > 0) {
        if (fields.length > 10) problems.push(`${fields.length} fields`)
        for (const field of fields) tooLong('a field', field['text'], 2000)
      } else if (block['type'] === 'context') {
        for (const element of list(block['elements'])) tooLong('a context', element['text'], 3000)
      } else {
        tooLong('a section', text, 3000)
      }
    }
  }
  return problems
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : []
}
