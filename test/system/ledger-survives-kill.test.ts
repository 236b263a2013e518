import { expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { AccountRig } from '../support/account-rig.ts'

/** Kills in one run; RINGBACK_KILLS=20 for the long one. */
const KILLS = Number(process.env['RINGBACK_KILLS'] ?? 4)
const CLIENTS = 16
const CALLBACKS_BEFORE_KILL = 100

it(
  `every callback that a handler saw has its row after ${KILLS} × kill -9 under load`,
  { timeout: 30_000 + KILLS * 10_000 },
  async () => {
    await using rig = await AccountRig.start()
    const answered: string[] = []
    const late = new Map<string, number>()
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill > 0) await rig.startAgain()
      const life = `life-${kill}`
      late.set(life, await loadUntilKilled(rig, life, answered))
    }
    await rig.startAgain()

    const rows = await allRows(rig)
    const kept = new Map(rows.map((row) => [row.call_id, row]))
    const seen = rig.handler.requests.map(
      ({ body }) => (JSON.parse(body.toString()) as { call_id: string }).call_id,
    )
    expect(seen.length).toBeGreaterThanOrEqual(KILLS * CALLBACKS_BEFORE_KILL)
    const lost = [...new Set([...seen, ...answered])].filter((callId) => !kept.has(callId))
    // Only a disk that took over 50 ms lets callbacks go on without it, and each of them is counted.
    for (const [life, most] of late) {
      const ofLife = lost.filter((callId) => callId.startsWith(`${life}-`))
      expect(ofLife.slice(most), `${most} commits were late in ${life}`).toEqual([])
    }
    // Nothing stays open, and nothing is counted twice.
    expect(rows.filter(({ result }) => result === 'pending')).toEqual([])
    expect(new Set(rows.map(({ call_id }) => call_id)).size).toBe(rows.length)
  },
)

/**
 * Clients post as fast as they are answered; the daemon dies in the middle of it.
 *
 * @returns callbacks that went on before their rows were safe
 */
async function loadUntilKilled(rig: AccountRig, life: string, answered: string[]): Promise<number> {
  const dead = new AbortController()
  const before = rig.handler.requests.length
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = 0; !dead.signal.aborted; n++) {
      const callId = `${life}-${client}-${n}`
      const reply = await rig.post({ call_id: callId }).catch(() => undefined)
      if (reply?.status === 200) answered.push(callId)
      if (reply === undefined) return
    }
  })
  await rig.handler.seen(before + CALLBACKS_BEFORE_KILL)
  const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
  await rig.ringback.kill()
  dead.abort()
  await Promise.all(clients)
  return Number(/^ringback_ledger_writes_total\{result="late"\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
}

async function allRows(rig: AccountRig): Promise<readonly CallbackRow[]> {
  const rows: CallbackRow[] = []
  let after = ''
  for (;;) {
    const page = await rig.get<Page<CallbackRow>>(`/api/v1/callbacks?limit=1000${after}`)
    rows.push(...page.rows)
    if (page.next === null) return rows
    after = `&after=${page.next}`
  }
}
