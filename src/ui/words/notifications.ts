import type { NotificationView } from '../../admin/api.ts'
import type { Tone } from './tone.ts'

export const notificationStates: Readonly<
  Record<NotificationView['state'], { readonly tone: Tone; readonly word: string }>
> = {
  pending: { tone: 'idle', word: 'Waiting' },
  sending: { tone: 'idle', word: 'Being sent' },
  sent: { tone: 'good', word: 'Sent' },
  failed: { tone: 'bad', word: 'Not delivered' },
  merged: { tone: 'idle', word: 'Merged into a later one' },
}

const kinds: Readonly<Record<string, string>> = {
  firing: 'It fires',
  reminder: 'Reminder',
  resolved: 'Resolved',
  summary: 'Summary',
  test: 'Test',
}

export function notificationKind(kind: string): string {
  return kinds[kind] ?? kind
}
