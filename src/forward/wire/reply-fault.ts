/** Why the bytes of a reply are refused. `what` names the part that is too large, or what is malformed. */
export interface ReplyFault {
  readonly outcome: 'protocol' | 'too_large'
  readonly what: string
}
