import { unlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFailed, test } from 'vitest'

import { BookKeeper, PATIENT, Provider, readLedger, untilNothingWaits } from '../../support/book-keepers.ts'
import { compareBooks } from '../../support/ledger-books.ts'
import { startRescue } from '../../support/rescue-rig.ts'
import { fillDisk, mountSmallDisk } from '../../support/small-disk.ts'
import { startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const home = await mkdtemp(join(tmpdir(), 'ringback-full-'))
const disk = mountSmallDisk(join(home, 'ledger'))

test.skipIf(disk === undefined)(
  'on a full disk nothing is acknowledged for the handler, and what was acknowledged before arrives [needs root for a tmpfs]',
  async () => {
    const keeper = new BookKeeper()
    await using handler = await startTarget(keeper.handle)
    const provider = new Provider()
    try {
      const top = 'alerts: { rules: { ledger_unhealthy: { after: 1s } } }'
      const config = { target: `${handler.origin}/hook`, rescue: PATIENT, top }
      await using ringback = await startRescue(config, home)
      onTestFailed(() => {
        process.stderr.write(ringback.logs())
      })
      provider.port = ringback.publicPort
      keeper.mode = 'down'
      await provider.call()
      const hog = join(home, 'ledger/hog')
      expect(fillDisk(hog)).toBe('ENOSPC')

      // Pages of the log that were made before are still there; when they are used up the provider is told the truth.
      await waitFor('the truth for the provider', async () => {
        await provider.call('full')
        return provider.sent.at(-1)?.status === 503
      })
      const admin = ringback.adminUrl
      expect((await fetch(`${admin}/readyz`)).status).toBe(503)
      await waitFor('a line in the log', () => ringback.logs().includes('THE LEDGER CANNOT BE WRITTEN'))
      // Forwarding goes on. A ledger that found a little room, and was asked for nothing more, would be well.
      keeper.mode = 'ok'
      await waitFor('the alert', async () => {
        await provider.call('fine')
        const metrics = await (await fetch(`${admin}/metrics`)).text()
        return /^ringback_alerts_firing\{[^}]*ledger_unhealthy[^}]*\} 1$/m.test(metrics)
      })
      const fine = provider.sent.filter(({ callId }) => callId.startsWith('fine'))
      expect(fine.filter(({ status }) => status !== 200)).toEqual([])

      unlinkSync(hog)
      await waitFor('readiness', async () => (await fetch(`${admin}/readyz`)).status === 200)
      await untilNothingWaits(ringback)
      expect(await ringback.stop()).toBe(0)
      const { written, integrity } = readLedger(home)
      const verdict = compareBooks({ sent: provider.sent, received: keeper.received, written })
      expect(verdict).toMatchObject({ problems: [], duplicates: 0, unwritten: 0 })
      expect(integrity).toBe('ok')
      expect(Math.max(...provider.sent.map(({ ms }) => ms))).toBeLessThan(3000)
    } finally {
      disk?.unmount()
      await rm(home, { recursive: true, force: true })
    }
  },
)
