import type { CallRecord } from './call-record.ts'
import { isEnd, judgeCall, type KnownCallback, type Misfit } from './judge-call.ts'
import { readRecords, type RecordSource } from './record-source.ts'
import type { AccountReport, CallCounts, CallFinding } from './report.ts'

/** Calls that ended in here are looked at; milliseconds since the epoch. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** Which calls are expected to come to Ringback. */
export interface Scope {
  /** Only calls from or to these numbers; empty means all. */
  readonly numbers: readonly string[]
  /** Only calls of these contexts; empty means all. */
  readonly contexts: readonly string[]
}

export interface Reading {
  readonly findings: readonly CallFinding[]
  readonly report: Pick<AccountReport, 'from' | 'to' | 'calls' | 'is_complete'>
  /** Was the end of any call seen, now or before? */
  readonly sendsEnds: boolean
}

/** Findings that are kept of one account. */
const MOST_FINDINGS = 1_000

export const noCalls: CallCounts = { ok: 0, no_callback: 0, no_end: 0, step_missing: 0, answer_blamed: 0 }

/** Reads the records of one account and holds each against the ledger. Rejects when either cannot be read. */
export async function reconcileAccount(
  source: RecordSource,
  given: {
    readonly window: Window
    readonly scope: Scope
    readonly callbacksOf: (callId: string) => Promise<readonly KnownCallback[]>
    readonly sendsEnds: boolean
  },
): Promise<Reading> {
  const { window, scope, callbacksOf } = given
  const { records, isComplete } = await readRecords(source, window)
  let { sendsEnds } = given
  const known: KnownCall[] = []
  for (const record of records) {
    // A call from before the window may have had callbacks that nobody could write down.
    if (record.startedAt < window.from || !isWithin(record, scope)) continue
    const callbacks = await callbacksOf(record.callId)
    if (callbacks.some(isEnd)) sendsEnds = true
    if (callbacks.length > 0 || !(await isLegOfKnown(record, callbacksOf))) known.push({ record, callbacks })
  }
  const from = isComplete ? window.from : Math.max(window.from, records.at(-1)?.startedAt ?? window.from)
  const { calls, findings } = judgeAll(source.account, known, sendsEnds)
  return { findings, report: { from, to: window.to, calls, is_complete: isComplete }, sendsEnds }
}

interface KnownCall {
  readonly record: CallRecord
  readonly callbacks: readonly KnownCallback[]
}

function judgeAll(
  account: string,
  known: readonly KnownCall[],
  sendsEnds: boolean,
): { readonly calls: CallCounts; readonly findings: readonly CallFinding[] } {
  const calls = { ...noCalls }
  const findings: CallFinding[] = []
  for (const { record, callbacks } of known) {
    const misfit = judgeCall(record, callbacks, sendsEnds)
    calls[misfit?.finding ?? 'ok'] += 1
    if (misfit !== undefined && findings.length < MOST_FINDINGS) {
      findings.push(findingOf(account, record, misfit))
    }
  }
  return { calls, findings }
}

/** The second leg of a bridged call has a record of its own, and callbacks under the id of the first. */
async function isLegOfKnown(
  { bridgeId }: CallRecord,
  callbacksOf: (callId: string) => Promise<readonly KnownCallback[]>,
): Promise<boolean> {
  return bridgeId !== '' && (await callbacksOf(bridgeId)).length > 0
}

function isWithin({ numbers, context }: CallRecord, scope: Scope): boolean {
  if (scope.contexts.length > 0 && !scope.contexts.includes(context)) return false
  if (scope.numbers.length === 0) return true
  const wanted = new Set(scope.numbers.map(digitsOf))
  return numbers.some((each) => wanted.has(digitsOf(each)))
}

/** Numbers appear with and without `+` (https://vobiz.ai/docs/xml/request). */
function digitsOf(number: string): string {
  return number.replace(/\D/g, '')
}

function findingOf(
  account: string,
  record: CallRecord,
  { finding, reason, callbackId }: Misfit,
): CallFinding {
  const { cause, code, name, source } = record.hangup
  return {
    account,
    call_id: record.callId,
    finding,
    reason,
    direction: record.direction,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    hangup_cause: cause,
    hangup_cause_code: code ?? null,
    hangup_cause_name: name,
    hangup_source: source,
    callback_id: callbackId,
  }
}
