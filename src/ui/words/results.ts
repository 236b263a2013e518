import type { Tone } from './tone.ts'

interface ResultWords {
  readonly word: string
  readonly tone: Tone
  /** One sentence, for those who meet the word for the first time. */
  readonly meaning: string
}

const words: Readonly<Record<string, ResultWords>> = {
  pending: { word: 'Under way', tone: 'idle', meaning: 'The handler is being asked right now.' },
  delivered: { word: 'Delivered', tone: 'good', meaning: 'A handler took it while the provider waited.' },
  rescued: {
    word: 'Rescued',
    tone: 'warn',
    meaning: 'Ringback answered for the handler and will send it again until a handler takes it.',
  },
  delivered_late: {
    word: 'Delivered late',
    tone: 'good',
    meaning: 'A handler took it after it had been rescued.',
  },
  dead: { word: 'Dead', tone: 'bad', meaning: 'Sent again to the end of the schedule, and never taken.' },
  failed: { word: 'Failed', tone: 'bad', meaning: 'No handler took it, and the provider was told so.' },
  rejected: { word: 'Not let in', tone: 'warn', meaning: 'Refused at the door; no handler saw it.' },
  filtered: { word: 'Filtered', tone: 'idle', meaning: 'The route does not want this event; answered 200.' },
}

export const resultNames = Object.keys(words)

export function resultWords(result: string): ResultWords {
  return words[result] ?? { word: result, tone: 'idle', meaning: '' }
}

/** Did it hurt anybody? */
export function isFailure(result: string): boolean {
  return result === 'failed' || result === 'dead' || result === 'rescued'
}
