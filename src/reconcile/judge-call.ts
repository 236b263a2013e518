import { eventRow } from '../callback/event.ts'
import { isOfStep, type Step, stepOfHangupCode } from '../callback/hangup-code.ts'
import type { CallbackRow } from '../ledger/rows.ts'
import type { CallRecord } from './call-record.ts'
import type { FindingName } from './report.ts'

/** What does not fit of one call. */
export interface Misfit {
  readonly finding: FindingName
  readonly reason: string
  readonly callbackId: string
}

/** What the ledger knows of a call: the parts of its callbacks that count here, oldest first. */
export type KnownCallback = Pick<CallbackRow, 'id' | 'event' | 'kind' | 'answer_status'>

const urlOf: Readonly<Record<Step, string>> = {
  answer: 'answer URL',
  action: 'action URL',
  transfer: 'transfer URL',
  redirect: 'redirect URL',
}

/**
 * Pure: does a call record fit the callbacks of the call? Undefined when it does. A failure that the ledger knows is
 * none here: its own alert tells it.
 *
 * @param sendsEnds whether the end of any call of the account was ever seen: some accounts are not sent it
 */
export function judgeCall(
  record: CallRecord,
  callbacks: readonly KnownCallback[],
  sendsEnds: boolean,
): Misfit | undefined {
  const blamed = blamedStep(record)
  if (callbacks.length === 0) {
    const why = blamed === undefined ? '' : `; Vobiz says ${causeText(record)}`
    return { finding: 'no_callback', reason: `no callback of this call came here${why}`, callbackId: '' }
  }
  if (blamed !== undefined) {
    const last = callbacks.findLast(({ event, kind }) => kind === 'xml' && isOfStep(event, blamed))
    if (last === undefined) {
      const reason = `Vobiz says ${causeText(record)}, and no callback of the ${urlOf[blamed]} came here`
      return { finding: 'step_missing', reason, callbackId: '' }
    }
    if (last.answer_status === 200) {
      const reason = `Vobiz says ${causeText(record)}, but the ${urlOf[blamed]} was answered with 200`
      return { finding: 'answer_blamed', reason, callbackId: last.id }
    }
  }
  if (sendsEnds && !callbacks.some(isEnd)) {
    return { finding: 'no_end', reason: 'the call ended, and no callback said so', callbackId: '' }
  }
  return undefined
}

/** Does a callback tell the end of its call? */
export function isEnd({ event }: Pick<KnownCallback, 'event'>): boolean {
  const topic = eventRow(event)?.topic
  return topic === 'call.completed' || topic === 'call.failed'
}

function blamedStep({ hangup }: CallRecord): Step | undefined {
  return hangup.code === undefined ? undefined : stepOfHangupCode(hangup.code)
}

function causeText({ hangup }: CallRecord): string {
  const name = hangup.name === '' ? hangup.cause : hangup.name
  return name === '' ? String(hangup.code) : `${hangup.code} ${name}`
}
