import type { Message } from '../../notify/notifier.ts'
import { messageOf } from './message.ts'
import type { Story } from './story.ts'
import { timeWords } from './words.ts'

/** The story of an incident that a drill made, so that nobody takes it for a real one. */
export function asDrill(story: Story): Story {
  return {
    ...story,
    tone: story.tone === 'good' ? 'good' : 'plain',
    subject: `[DRILL] ${story.subject}`,
    headline: `Drill: ${story.headline}`,
    lead: `This is a drill: nothing is wrong, and there is nothing to do. ${story.lead}`,
    commands: ['ringback drill'],
  }
}

/** Tells that a drill by the timetable failed, through whatever channel works. */
export function drillFailedMessage(drill: {
  readonly id: string
  readonly started_at: number
  readonly problem: string
}): Message {
  return messageOf(
    { id: `drill-${drill.id}.failed`, incidentId: '', kind: 'test', severity: 'warning' },
    {
      tone: 'warning',
      subject: '[DRILL FAILED] alerts would not reach everybody',
      headline: 'A drill failed: alerts would not reach everybody',
      lead: `The drill of ${timeWords(drill.started_at)} failed: ${drill.problem}. An outage now would be told only in part.`,
      facts: [],
      list: { title: '', lines: [] },
      commands: ['ringback alerts test', 'ringback drill'],
      link: undefined,
      footer: `Ringback drill ${drill.id}`,
    },
  )
}
