import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { CallbackDetail } from '../../../../src/ledger/rows.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let file: LedgerFile
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

/** Runs the writer until it has said `lines` lines, and kills it with SIGKILL. */
async function runAndKill(lines: number): Promise<Map<string, string>> {
  const child = spawn(process.execPath, [new URL('crash-child.ts', import.meta.url).pathname, file.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const promised = new Map<string, string>()
  let seen = 0
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    const [state = '', id = '', policy] = line.split(' ')
    if (state !== 'ready') promised.set(id, policy === undefined ? state : `${state} ${policy}`)
    if (++seen === lines) child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  if (!child.stdout.readableEnded) await once(reader, 'close')
  return promised
}

/** Does the ledger say what was promised? The child may have got further than it could say. */
function isKept(state: string, { result, blame, attempt_rows }: CallbackDetail): boolean {
  if (state === 'delivered' || state === 'rescued') return result === state
  if (state === 'taken') return result === 'delivered' && attempt_rows.some(({ outcome }) => outcome === 'ok')
  if (result === 'delivered' || blame === 'handler') return true
  const unknown = attempt_rows.find(({ outcome }) => outcome === 'unknown')
  return (
    result === (state === 'kept rescue' ? 'rescued' : 'failed') && blame === 'proxy' && unknown !== undefined
  )
}

test('what was promised before a kill -9 stands in the ledger, and what was cut off stands there as unknown', async () => {
  const promised = new Map<string, string>()
  for (const lines of [100, 300, 700]) {
    for (const [id, state] of await runAndKill(lines)) promised.set(id, state)
    const ledger = await file.open()
    const wrong: unknown[] = []
    for (const [id, state] of promised) {
      const found = await ledger.reader.callback(id)
      if (found === undefined || !isKept(state, found)) wrong.push({ id, state, found })
    }
    expect(wrong).toEqual([])
    expect((await ledger.reader.callbacks({ limit: 1, result: 'pending' })).rows).toEqual([])
    const total = (await ledger.reader.counts()).callbacks
    const numbers = (await ledger.reader.routes(0)).map(({ route, callbacks }) => ({ route, callbacks }))
    await ledger.close()
    const db = new DatabaseSync(file.path)
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const waiting = db.prepare(`SELECT count(*) AS n FROM callbacks WHERE result = 'rescued'`).get()
    expect(db.prepare(`SELECT count(*) AS n FROM inbox WHERE state = 'waiting'`).get()).toEqual(waiting)
    expect(db.prepare('SELECT count(*) AS n FROM callbacks').get()).toEqual({ n: total })
    const counted = db.prepare('SELECT route, count(*) AS callbacks FROM callbacks GROUP BY route').all()
    expect(new Set(numbers)).toEqual(new Set(counted))
    db.close()
  }
  expect(promised.size).toBeGreaterThan(50)
}, 90_000)
