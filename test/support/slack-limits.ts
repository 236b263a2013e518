type Json = Readonly<Record<string, unknown>>

/**
 * What Slack would refuse of a message, each in words; empty when it would take it. Limits as documented at
 * https://docs.slack.dev/reference/block-kit/blocks, the one of the whole message as observed.
 */
export function slackProblems(body: Json): string[] {
  const size = JSON.stringify(body).length
  const blocks = list(body['attachments']).flatMap((attachment) => list(attachment['blocks']))
  return [
    ...(size >= 12_000 ? [`the message has ${size} characters`] : []),
    ...(blocks.length > 50 ? [`${blocks.length} blocks`] : []),
    ...blocks.flatMap(blockProblems),
  ]
}

function blockProblems(block: Json): string[] {
  const fields = list(block['fields'])
  const text = (block['text'] as Json | undefined)?.['text']
  if (block['type'] === 'header') return textProblems('a header', text, 150, true)
  if (block['type'] === 'context') {
    return list(block['elements']).flatMap((element) => textProblems('a context', element['text'], 3000))
  }
  if (fields.length === 0) return textProblems('a section', text, 3000)
  const tooMany = fields.length > 10 ? [`${fields.length} fields`] : []
  return [...tooMany, ...fields.flatMap((field) => textProblems('a field', field['text'], 2000))]
}

function textProblems(what: string, value: unknown, max: number, isPlain = false): string[] {
  if (typeof value !== 'string' || value === '') return [`${what} is empty`]
  const problems: string[] = []
  if (value.length > max) problems.push(`${what} has ${value.length} characters, at most ${max}`)
  if (!value.isWellFormed()) problems.push(`${what} is no valid Unicode`)
  if (!isPlain && /&(?!amp;|lt;|gt;)/.test(value)) problems.push(`${what} holds a broken entity`)
  return problems
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}
