/** What reconciliation takes from one call detail record (https://vobiz.ai/docs/cdr). */
export interface CallRecord {
  /** `uuid`: the same as `CallUUID` of callbacks. */
  readonly callId: string
  /** The other leg of a bridged call; empty when there is none. */
  readonly bridgeId: string
  readonly direction: string
  /** Caller and callee as written; compared with the configuration and then forgotten. */
  readonly numbers: readonly string[]
  /** `voice-api`, `sip-trunking` …; empty when absent. */
  readonly context: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
  readonly hangup: {
    readonly cause: string
    /** See https://vobiz.ai/docs/concepts/hangup-causes; undefined when absent. */
    readonly code: number | undefined
    readonly name: string
    readonly source: string
  }
}

export interface RecordPage {
  readonly records: readonly CallRecord[]
  readonly hasNext: boolean
}

const MOST_TEXT = 128

/**
 * Reads one page of the list. Records that lack an id or a time are passed over: they cannot be compared.
 *
 * @throws RangeError when it is no such page at all
 */
export function readPage(body: unknown): RecordPage {
  if (!isObject(body) || !Array.isArray(body['data'])) {
    throw new RangeError('the answer holds no call detail records')
  }
  const { pagination } = body
  return {
    records: body['data'].flatMap((each: unknown) => recordOf(each) ?? []),
    hasNext: isObject(pagination) && pagination['has_next'] === true,
  }
}

function recordOf(value: unknown): CallRecord | undefined {
  if (!isObject(value)) return undefined
  const endedAt = timeOf(value['end_time']) ?? timeOf(value['created_at'])
  const callId = textOf(value['uuid'])
  if (callId === '' || endedAt === undefined) return undefined
  const code = Number(value['hangup_cause_code'] ?? Number.NaN)
  return {
    callId,
    bridgeId: textOf(value['bridge_uuid']),
    direction: textOf(value['call_direction']),
    numbers: [textOf(value['caller_id_number']), textOf(value['destination_number'])],
    context: textOf(value['context']),
    startedAt: timeOf(value['start_time']) ?? endedAt,
    endedAt,
    hangup: {
      cause: textOf(value['hangup_cause']),
      code: Number.isInteger(code) ? code : undefined,
      name: textOf(value['hangup_cause_name']),
      source: textOf(value['hangup_source']),
    },
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : ''
}

/** A time without a zone is read as UTC, whatever zone this process runs in. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value.replace(' ', 'T')}Z`)
  return Number.isNaN(at) ? undefined : at
}
