import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { flowNames } from '../../src/sample/flows.ts'

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

/** Lines of the call as the ledger has it: event and path. */
function recorded(stdout: string): readonly (readonly [event: string, path: string])[] {
  const [, call = ''] = stdout.split('every step under its id:\n\n')
  const lines = call.split('\n\n')[0]?.split('\n') ?? []
  return lines.map((line) => {
    const [event = '', path = ''] = line.trim().split(/ +/)
    return [event, path.replace(/^\/c\/.*/, '/c/')]
  })
}

const played: Readonly<
  Record<(typeof flowNames)[number], readonly (readonly [event: string, path: string])[]>
> = {
  'inbound-ivr': [
    ['none', '/inbound-ivr'],
    ['none', '/c/'],
    ['Hangup', '/inbound-ivr'],
  ],
  'outbound-recording': [
    ['Ring', '/outbound-recording'],
    ['StartApp', '/outbound-recording'],
    ['Record', '/c/'],
    ['Hangup', '/outbound-recording'],
    ['RecordStop', '/c/'],
  ],
  conference: [
    ['StartApp', '/conference'],
    ['ConferenceRemoteSounds', '/c/'],
    ['ConferenceExit', '/c/'],
    ['ConferenceEnter', '/c/'],
    ['Hangup', '/conference'],
  ],
  'stream-flood': [
    ['StartApp', '/stream-flood'],
    ['StartStream', '/c/'],
    ['StopStream', '/c/'],
    ['Hangup', '/stream-flood'],
  ],
  'sub-account': [
    ['StartApp', '/sub-account'],
    ['Hangup', '/sub-account'],
  ],
  retries: Array.from({ length: 4 }, () => ['Hangup', '/retries'] as const),
}

describe('a call of the demonstration', () => {
  it.each(flowNames)('%s runs through the daemon, every hop recorded under its call id', async (flow) => {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-demo-test-'))
    try {
      const { code, stdout, stderr } = await runRingback(['demo', '--fast', '--flow', flow], {
        folder,
        env: { TMPDIR: folder },
      })
      expect([code, stderr]).toEqual([0, ''])
      const floods = new Set(['PlayedStream', 'ClearedAudio'])
      const rows = recorded(stdout)
      expect(rows.filter(([event]) => !floods.has(event))).toEqual(played[flow])
      expect(stdout.split('a repeat')).toHaveLength(flow === 'retries' ? 4 : 1)
      expect(rows.filter(([event]) => floods.has(event))).toHaveLength(flow === 'stream-flood' ? 13 : 0)
      expect(await readdir(folder)).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
