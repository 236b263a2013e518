import type { Message } from '../../notify/notifier.ts'
import { messageOf } from './message.ts'
import { longest } from './story.ts'
import { counted, timeWords } from './words.ts'

const severities = ['info', 'warning', 'critical'] as const

/** Many messages in one: how many of what, and the worst of them by their subjects. */
export function digestMessage(messages: readonly Message[], now: number): Message {
  const [first] = messages
  const worst = Math.max(0, ...messages.map(({ severity }) => severities.indexOf(severity)))
  const severity = severities[worst] ?? 'info'
  const kinds = [...Map.groupBy(messages, ({ kind }) => kind)].map(
    ([kind, of]) => `${of.length} ${words[kind] ?? kind}`,
  )
  const isOver = messages.every(({ kind }) => kind === 'resolved')
  const sorted = messages.toSorted((a, b) => rankOf(b) - rankOf(a))
  const shown = sorted.slice(0, sorted.length > longest.lines ? longest.lines - 1 : longest.lines)
  const rest = sorted.length - shown.length
  const lines = shown.map(({ subject }) => subject)
  return messageOf(
    { id: `digest-${first?.id ?? ''}`, incidentId: '', kind: 'summary', severity },
    {
      tone: isOver ? 'good' : severity === 'info' ? 'plain' : severity,
      subject: `[DIGEST] ${counted(messages.length, 'message')}: ${kinds.join(', ')}`,
      headline: `${counted(messages.length, 'message')} at once: ${kinds.join(', ')}`,
      lead: `So many came in a short time that they are told together, at ${timeWords(now)}. Each has its own page and its own end.`,
      facts: byRule(messages),
      list: { title: 'The worst first', lines: rest > 0 ? [...lines, `and ${rest} more`] : lines },
      commands: ['ringback alerts', 'ringback alerts --all'],
      link: undefined,
      footer: 'Ringback digest; the cap is notify.digest',
    },
  )
}

const words: Readonly<Record<string, string>> = {
  firing: 'firing',
  reminder: 'still firing',
  resolved: 'over',
}

function rankOf({ kind, severity }: Message): number {
  return severities.indexOf(severity) + (kind === 'resolved' ? 0 : severities.length)
}

function byRule(messages: readonly Message[]): [string, string][] {
  const rules = [...Map.groupBy(messages, ({ incident }) => incident?.rule ?? 'other')]
  return rules.slice(0, longest.facts).map(([rule, of]) => {
    const routes = new Set(of.flatMap(({ incident }) => incident?.places.map(({ route }) => route) ?? []))
    return [rule, `${counted(of.length, 'message')}, ${counted(routes.size, 'route')}`]
  })
}
