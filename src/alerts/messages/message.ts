import type { Message } from '../../notify/notifier.ts'
import { oneLine } from './clean.ts'
import { emailHtml } from './email-html.ts'
import { plainText } from './plain-text.ts'
import { slackBlocks, slackText } from './slack-blocks.ts'
import { longest, type Story } from './story.ts'

/** A story in the forms of all channels. Pure: the same story gives the same bytes. */
export function messageOf(
  about: Pick<Message, 'id' | 'incidentId' | 'kind' | 'severity' | 'incident'>,
  story: Story,
): Message {
  const fit = withinLimits(story)
  return {
    ...about,
    subject: fit.subject,
    text: plainText(fit),
    html: emailHtml(fit),
    slack: { text: slackText(fit), ...slackBlocks(fit) },
  }
}

/** Every text of the story on one clean line and no longer than it may be. */
function withinLimits(story: Story): Story {
  return {
    tone: story.tone,
    subject: oneLine(story.subject, longest.subject),
    headline: oneLine(story.headline, longest.headline),
    lead: oneLine(story.lead, longest.lead),
    facts: story.facts
      .slice(0, longest.facts)
      .map(([name, value]) => [oneLine(name, longest.factName), oneLine(value, longest.fact)]),
    list: {
      title: oneLine(story.list.title, longest.factName),
      lines: story.list.lines.slice(0, longest.lines).map((line) => oneLine(line, longest.line)),
    },
    commands: story.commands.slice(0, longest.commands).map((line) => oneLine(line, longest.command)),
    link: fitting(story.link),
    dashboard: fitting(story.dashboard),
    footer: oneLine(story.footer, longest.footer),
  }
}

/** A link that is cut leads nowhere. */
function fitting(link: string | undefined): string | undefined {
  return link === undefined || link.length > longest.link ? undefined : link
}
