/** One callback as the sender's book has it; `status` is 0 when the connection ended without an answer. */
export interface Sent {
  readonly callId: string
  /** Place in its call, from 0. */
  readonly seq: number
  readonly bodyHash: string
  readonly status: number
  readonly ms: number
}

/** One request as the handler's book has it, in order of arrival; `took` when it was answered with 2xx, whole. */
export interface Received {
  readonly callId: string
  readonly seq: number
  readonly bodyHash: string
  readonly deliveryId: string
  readonly attempt: number
  readonly took: boolean
}

/** One callback as the ledger has it. */
export interface Written {
  readonly id: string
  readonly callId: string
  readonly seq: number
  readonly result: string
  readonly duplicateOf: string
  readonly attempts: readonly { readonly number: number; readonly outcome: string }[]
}

export interface Books {
  readonly sent: readonly Sent[]
  readonly received: readonly Received[]
  readonly written: readonly Written[]
}

export interface Verdict {
  /** What contradicts a promise, in words; empty when the books agree. */
  readonly problems: readonly string[]
  /** Deliveries beyond the first of an event, as a share of all events that were delivered. */
  readonly duplicates: number
  readonly acknowledged: number
  /** Deliveries of what the ledger itself says was taken before under the same id: such a one needs no crash. */
  readonly doubtless: number
  /**
   * Events that the handler took and answered itself and that are not in the ledger: a kill came while a commit took
   * so long that forwarding no longer waited for it.
   */
  readonly unwritten: number
  readonly delivered: number
  readonly slowestMs: number
}

const waits: ReadonlySet<string> = new Set(['rescued', 'dead'])
const done: ReadonlySet<string> = new Set(['delivered', 'delivered_late'])

/** Holds the sender's, the handler's and the ledger's book against each other. */
export function compareBooks({ sent, received, written }: Books): Verdict {
  const problems: string[] = []
  const taken = received.filter(({ took }) => took)
  const takenByEvent = groupBy(taken, eventOf)
  const writtenByEvent = groupBy(written, eventOf)
  const writtenById = new Map(written.map((row) => [row.id, row]))
  const hashes = new Map(sent.map((each) => [eventOf(each), each.bodyHash]))

  const acknowledged = sent.filter(({ status }) => status === 200)
  for (const each of acknowledged) {
    const event = eventOf(each)
    const rows = writtenByEvent.get(event) ?? []
    const isSafe = takenByEvent.has(event) || rows.some(({ result }) => waits.has(result))
    if (!isSafe) problems.push(`${event}: acknowledged and lost`)
  }
  for (const [event, rows] of writtenByEvent) {
    const isDone = rows.some(({ result, duplicateOf }) => done.has(result) && duplicateOf === '')
    if (isDone && !takenByEvent.has(event))
      problems.push(`${event}: the ledger says delivered, the handler does not`)
    const own = rows.filter(({ duplicateOf }) => duplicateOf === '').length
    if (own > 1) problems.push(`${event}: counted ${own} times, and no row is marked as a repeat`)
  }
  for (const { deliveryId, attempt, ...each } of received) {
    const event = eventOf(each)
    if (hashes.get(event) !== each.bodyHash) problems.push(`${event}: arrived with another body`)
    const row = writtenById.get(deliveryId)
    if (row?.attempts.some(({ number }) => number === attempt) === false) {
      problems.push(`${event}: attempt ${attempt} of ${deliveryId} is not in the ledger`)
    }
  }
  problems.push(...orderProblems(taken), ...identityProblems(takenByEvent, new Set(writtenById.keys())))
  const doubles = taken.length - takenByEvent.size
  return {
    problems,
    duplicates: doubles / Math.max(1, takenByEvent.size),
    acknowledged: acknowledged.length,
    doubtless: doubtlessDoubles(taken, writtenById),
    unwritten: received.filter(({ deliveryId }) => !writtenById.has(deliveryId)).length,
    delivered: takenByEvent.size,
    slowestMs: Math.max(0, ...sent.filter(({ status }) => status !== 0).map(({ ms }) => ms)),
  }
}

/** Of each call the handler must take the events in the order they were sent; only the first taking of each counts. */
function orderProblems(taken: readonly Received[]): readonly string[] {
  const problems: string[] = []
  const newest = new Map<string, number>()
  const seen = new Set<string>()
  for (const each of taken) {
    const event = eventOf(each)
    if (seen.has(event)) continue
    seen.add(event)
    const before = newest.get(each.callId) ?? -1
    if (each.seq < before) problems.push(`${event}: taken after ${each.callId}#${before}`)
    newest.set(each.callId, Math.max(before, each.seq))
  }
  return problems
}

/** Whoever gets an event twice must be able to tell by the delivery id. */
function identityProblems(
  takenByEvent: ReadonlyMap<string, readonly Received[]>,
  written: ReadonlySet<string>,
): readonly string[] {
  return [...takenByEvent].flatMap(([event, takings]) => {
    const ids = new Set(takings.map(({ deliveryId }) => deliveryId).filter((id) => written.has(id)))
    return ids.size > 1 ? [`${event}: taken under ${ids.size} delivery ids`] : []
  })
}

/** Takings beyond the first of a delivery id whose earlier taking stands in the ledger as `ok`. */
function doubtlessDoubles(taken: readonly Received[], written: ReadonlyMap<string, Written>): number {
  const firstTaken = new Map<string, number>()
  let doubles = 0
  for (const { deliveryId, attempt } of taken) {
    const first = firstTaken.get(deliveryId)
    if (first === undefined) {
      firstTaken.set(deliveryId, attempt)
      continue
    }
    const known = written.get(deliveryId)?.attempts.find(({ number }) => number === first)
    if (known?.outcome === 'ok') doubles++
  }
  return doubles
}

export function eventOf({ callId, seq }: { readonly callId: string; readonly seq: number }): string {
  return `${callId}#${seq}`
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
