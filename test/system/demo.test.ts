import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { runRingback } from '../support/run-daemon.ts'

it('the demonstration shows an alert and its end as Slack gets them, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-demo-test-'))
  try {
    const { code, stdout, stderr } = await runRingback(['demo', '--fast'], {
      folder,
      env: { TMPDIR: folder },
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.match(/→ (200|503) /g)).toHaveLength(7)
    expect(stdout).toMatch(/│ Callbacks are failing: MA_DEMO primary\n[^]*│ Recovered: MA_DEMO primary\n/)
    expect(stdout).toContain('npx ringback init')
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
