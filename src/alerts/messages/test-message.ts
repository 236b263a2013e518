import type { Message } from '../../notify/notifier.ts'
import { messageOf } from './message.ts'
import { timeWords } from './words.ts'

/** A message that only proves that a channel works. */
export function testMessage(id: string, now: number): Message {
  return messageOf(
    { id, incidentId: '', kind: 'test', severity: 'info' },
    {
      tone: 'plain',
      subject: '[TEST] Ringback can reach you here',
      headline: 'Ringback can reach you here',
      lead: `This message was asked for at ${timeWords(now)}. Nothing is wrong; alerts about callbacks will look like this one.`,
      facts: [],
      list: { title: '', lines: [] },
      commands: ['ringback status'],
      link: undefined,
      footer: 'Ringback test',
    },
  )
}
