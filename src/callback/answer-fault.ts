/**
 * What is wrong with an answer that the provider executes. A closed set: it is a metric label.
 * Source of the rules: https://vobiz.ai/docs/xml/request and /docs/xml/response.
 */
export const answerFaults = [
  'status',
  'content_type',
  'too_large',
  'not_well_formed',
  'root',
  'verb',
  'url',
] as const

export type AnswerFault = (typeof answerFaults)[number]

/** A fault that was found, and what it does. */
export interface FoundFault {
  readonly fault: AnswerFault
  /** What is wrong, in words for a person; holds nothing of the answer but names and positions. */
  readonly error: string
  /** Would the provider end the call over it? If not, it is worth a note but no other answer. */
  readonly dropsCall: boolean
}
