import { colourOf, type Story } from './story.ts'

// Limits of Block Kit (https://docs.slack.dev/reference/block-kit/blocks): a message over one of them is refused
// as a whole, so every text is cut to fit after it was escaped.
const HEADER = 150
const SECTION = 3000
const FIELD = 2000
const FIELDS = 10
/** Not documented; messages of more than about 13,000 characters were seen to be refused. */
const ALL_FIELDS = 5000

type Block = Readonly<Record<string, unknown>>

/** The body of a Slack message beside its `text`: one attachment, for the colour bar, with blocks in it. */
export function slackBlocks(story: Story): Readonly<Record<string, unknown>> {
  const blocks: Block[] = [
    { type: 'header', text: { type: 'plain_text', text: story.headline.slice(0, HEADER), emoji: false } },
    section(escapeWithin(story.lead, SECTION)),
    ...factFields(story.facts),
    ...codeBlock(story.list.title, story.list.lines),
    ...codeBlock('Look further', story.commands),
  ]
  blocks.push(
    ...linkSection(story.link, 'Open in Ringback'),
    ...linkSection(story.dashboard, 'Open the dashboard'),
  )
  blocks.push({
    type: 'context',
    elements: [{ type: 'mrkdwn', text: escapeWithin(story.footer, SECTION), verbatim: true }],
  })
  return {
    attachments: [{ color: colourOf[story.tone], fallback: escapeWithin(story.subject, SECTION), blocks }],
    unfurl_links: false,
    unfurl_media: false,
  }
}

/** The notification line of a phone: `text` beside the blocks. */
export function slackText(story: Story): string {
  return escapeWithin(story.subject, SECTION)
}

function factFields(facts: Story['facts']): Block[] {
  if (facts.length === 0) return []
  let room = ALL_FIELDS
  const fields: Block[] = []
  for (const [name, value] of facts.slice(0, FIELDS)) {
    const text = `*${escapeWithin(name, FIELD / 4)}*\n${escapeWithin(value, Math.min(FIELD / 2, room))}`
    room = Math.max(1, room - text.length)
    fields.push({ type: 'mrkdwn', text, verbatim: true })
  }
  return [{ type: 'section', fields }]
}

function codeBlock(title: string, lines: readonly string[]): Block[] {
  if (lines.length === 0) return []
  const code = escapeWithin(lines.join('\n').replaceAll('```', "'''"), SECTION / 2)
  return [section(`*${escapeWithin(title, FIELD / 4)}*\n\`\`\`\n${code}\n\`\`\``)]
}

function linkSection(link: string | undefined, words: string): Block[] {
  return link === undefined ? [] : [section(`<${linkTarget(link)}|${words}>`)]
}

/** `verbatim` keeps Slack from turning names and addresses into mentions and links. */
function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }
}

/**
 * The three characters with a meaning for Slack (https://docs.slack.dev/messaging/formatting-message-text#escaping):
 * with them escaped no text can mention `<!channel>` or hide a link. Never cut inside an entity.
 */
function escapeWithin(text: string, max: number): string {
  let escaped = ''
  for (const char of text) {
    const next = char === '&' ? '&amp;' : char === '<' ? '&lt;' : char === '>' ? '&gt;' : char
    if (escaped.length + next.length > max - 1) return `${escaped}…`
    escaped += next
  }
  return escaped
}

/** A pipe or angle bracket would end the link early. */
function linkTarget(link: string): string {
  return link.replace(/[|<>]/g, (char) => encodeURIComponent(char)).replaceAll('&', '&amp;')
}
