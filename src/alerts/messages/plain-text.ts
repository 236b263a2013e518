import type { Story } from './story.ts'

/** The text part of a mail: complete on its own, for terminals and for people who read no HTML. */
export function plainText(story: Story): string {
  const width = Math.max(0, ...story.facts.map(([name]) => name.length)) + 2
  const parts = [
    [story.headline, '='.repeat(story.headline.length)],
    [story.lead],
    story.facts.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    story.list.lines.length === 0
      ? []
      : [`${story.list.title}:`, ...story.list.lines.map((line) => `  ${line}`)],
    story.commands.length === 0 ? [] : ['Look further:', ...story.commands.map((command) => `  ${command}`)],
    [story.link, story.dashboard].filter((link) => link !== undefined),
    [`-- `, story.footer],
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
