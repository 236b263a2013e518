import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type AuditRow, type ConsoleStore, MOST_DIAGNOSED } from '../../src/ledger/console-store.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'

export interface ConsoleHarness {
  open(): Promise<Ledger & { readonly console: ConsoleStore }>
  end(): Promise<void>
}

const AT = 1_700_000_000_000

function audit(number: number, more: Partial<AuditRow> = {}): AuditRow {
  return {
    id: `01KAJ${String(number).padStart(21, '0')}`,
    at: AT + number,
    who: 'ana',
    role: 'admin',
    peer: '203.0.113.7',
    action: 'POST /api/v1/reload',
    reason: 'new handler, agreed with “ops”\n',
    status: 200,
    ...more,
  }
}

const idOf = (n: number): string => `D${String(n).padStart(6, '0')}`

const AT_ONCE = 20

/** What every implementation of the console's store promises. */
export function describeConsoleStore(name: string, createHarness: () => Promise<ConsoleHarness>): void {
  describe(`console store: ${name}`, () => {
    let harness: ConsoleHarness
    let ledger: Awaited<ReturnType<ConsoleHarness['open']>>
    beforeEach(async () => {
      harness = await createHarness()
      ledger = await harness.open()
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })
    const ids = async (filter: Partial<Parameters<ConsoleStore['audits']>[0]>): Promise<string[]> =>
      (await ledger.console.audits({ limit: 100, ...filter })).map(({ id }) => id)

    test('a change stands as it was written, also after a restart, and once however often it is told', async () => {
      const row = audit(1)
      await ledger.console.audited(row)
      await ledger.console.audited(row)
      await ledger.console.audited({ ...row, who: 'somebody else' })
      await ledger.close()
      ledger = await harness.open()
      expect(await ledger.console.audits({ limit: 10 })).toEqual([row])
    })

    test('changes come newest first, page by page without a hole or a double while new ones arrive', async () => {
      for (let n = 0; n < 7; n++) await ledger.console.audited(audit(n))
      const seen = await ids({ limit: 3 })
      await ledger.console.audited(audit(9))
      seen.push(...(await ids({ limit: 3, after: seen.at(-1) })))
      seen.push(...(await ids({ limit: 3, after: seen.at(-1) })))
      expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => audit(n).id))
      expect(await ids({ after: seen.at(-1) })).toEqual([])
    })

    test('changes are narrowed by who and since, together too', async () => {
      for (let n = 0; n < 6; n++) await ledger.console.audited(audit(n, { who: n % 2 === 0 ? 'ana' : 'Ana' }))
      expect(await ids({ who: 'ana' })).toEqual([4, 2, 0].map((n) => audit(n).id))
      expect(await ids({ since: AT + 4 })).toEqual([5, 4].map((n) => audit(n).id))
      expect(await ids({ who: 'ana', since: AT + 1, limit: 1 })).toEqual([audit(4).id])
      expect(await ids({ who: "' OR 1=1 --" })).toEqual([])
    })

    test('a diagnosis is the last one of its callback; an unknown callback has none', async () => {
      await ledger.console.diagnosed({ callback_id: 'C1', at: AT, words: '{"say":"https"}' })
      await ledger.console.diagnosed({ callback_id: 'C2', at: AT, words: '{}' })
      await ledger.console.diagnosed({ callback_id: 'C1', at: AT + 1, words: '{"say":"port"}' })
      await ledger.close()
      ledger = await harness.open()
      const last = { callback_id: 'C1', at: AT + 1, words: '{"say":"port"}' }
      expect(await ledger.console.diagnosis('C1')).toEqual(last)
      expect(await ledger.console.diagnosis('C3')).toBeUndefined()
    })

    test('diagnoses are bounded: the oldest go first', async () => {
      const all = Array.from({ length: MOST_DIAGNOSED + 3 }, (_, n) => n)
      // A few at once: a thousand would wait for connections until their time is over.
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const some = all.slice(from, from + AT_ONCE)
        await Promise.all(
          some.map((n) => ledger.console.diagnosed({ callback_id: idOf(n), at: AT + n, words: '{}' })),
        )
      }
      await ledger.console.diagnosed({ callback_id: idOf(all.length), at: AT, words: '{}' })
      const kept = await Promise.all([0, 3, 4, all.length].map((n) => ledger.console.diagnosis(idOf(n))))
      expect(kept.map((row) => row?.callback_id)).toEqual([undefined, undefined, idOf(4), idOf(all.length)])
    })
  })
}
