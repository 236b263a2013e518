import { setTimeout as sleep } from 'node:timers/promises'

import { type OpenLedger, openLedger as openSound } from '../../../src/assembly/open-ledger.ts'
import type { LedgerWriter } from '../../../src/ledger/ledger.ts'
import type { RescueQueue } from '../../../src/ledger/rescue-queue.ts'

// The bugs that the checker of the books must catch, in a real daemon. RINGBACK_SEED names one.

export const seeds = ['ack-before-commit', 'drop-on-lease-loss', 'reorder', 'double-count'] as const
export type Seed = (typeof seeds)[number]

const LATE_MS = 2_000
const EVERY = 3

export async function openLedger(...args: Parameters<typeof openSound>): Promise<OpenLedger> {
  const ledger = await openSound(...args)
  switch (process.env['RINGBACK_SEED'] as Seed | undefined) {
    case 'ack-before-commit':
      return { ...ledger, writer: promising(ledger.writer) }
    case 'drop-on-lease-loss':
      return { ...ledger, rescue: { ...ledger.rescue, take: forgetful(ledger) } }
    case 'reorder':
      return { ...ledger, rescue: { ...ledger.rescue, take: disorderly(ledger.rescue) } }
    case 'double-count':
      return { ...ledger, writer: forgettingRepeats(ledger.writer) }
    case undefined:
      return ledger
  }
}

function methodsOf(writer: LedgerWriter): LedgerWriter {
  return {
    keep: (exchange) => writer.keep(exchange),
    attempt: (exchange, attempt) => writer.attempt(exchange, attempt),
    settle: (exchange, delivery) => writer.settle(exchange, delivery),
    refuse: (refusal) => writer.refuse(refusal),
    durable: (ticket) => writer.durable(ticket),
    secured: (ticket) => writer.secured(ticket),
    flush: () => writer.flush(),
    health: () => writer.health(),
  }
}

function later(work: () => void): number {
  void sleep(LATE_MS).then(work)
  return 0
}

/** Says that rows are on disk long before they are handed over. */
function promising(writer: LedgerWriter): LedgerWriter {
  return {
    ...methodsOf(writer),
    keep: (exchange) => later(() => writer.keep(exchange)),
    attempt: (exchange, attempt) => later(() => writer.attempt(exchange, attempt)),
    settle: (exchange, delivery) => later(() => writer.settle(exchange, delivery)),
    durable: () => Promise.resolve(),
    secured: () => Promise.resolve(),
  }
}

/** Takes every third lease for lost, and its callback with it. */
function forgetful({ rescue, writer }: OpenLedger): RescueQueue['take'] {
  let count = 0
  return async (options) => {
    const taken = await rescue.take(options)
    const isLost = taken.leased.map(() => ++count % EVERY === 0)
    for (const [index, { kept, fence }] of taken.leased.entries()) {
      if (isLost[index] !== true) continue
      writer.settle(
        { ...kept, route: { id: kept.route, onFailure: 'rescue', targets: [] } as never },
        {
          result: 'failed',
          blame: 'proxy',
          lastOutcome: undefined,
          answerStatus: 0,
          answerMs: 0,
          dueAt: undefined,
          answer: undefined,
          fence,
        },
      )
    }
    return { ...taken, leased: taken.leased.filter((_, index) => isLost[index] !== true) }
  }
}

/** Lets no callback wait behind an earlier one of its call, and hands out the newest first. */
function disorderly(rescue: RescueQueue): RescueQueue['take'] {
  return async (options) => {
    const taken = await rescue.take({ ...options, orderWaitMs: 0 })
    return { ...taken, leased: taken.leased.toReversed() }
  }
}

/** Writes repeats by the provider down as callbacks of their own. */
function forgettingRepeats(writer: LedgerWriter): LedgerWriter {
  return { ...methodsOf(writer), keep: (exchange) => writer.keep({ ...exchange, duplicateOf: undefined }) }
}
