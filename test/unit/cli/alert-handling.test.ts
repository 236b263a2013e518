import { describe, expect, it } from 'vitest'

import { aDrill, startAdmin } from '../../support/admin-parts.ts'
import { cli } from '../../support/run-cli.ts'

describe('ringback alerts', () => {
  it('acknowledges an incident, and says when there is none', async () => {
    await using admin = await startAdmin()
    const [incident] = admin.parts.incidentRows
    const ack = ['alerts', 'ack', incident!.id, '--by', 'ana', '--comment', 'on it', '--url', admin.url]
    expect(await cli(ack)).toMatchObject({ code: 0, stderr: 'Acknowledged by ana for 8h.\n' })
    expect(admin.parts.acknowledged).toEqual([`${incident!.id} ana on it`])
    expect(await cli(['alerts', 'ack', 'nothing', '--url', admin.url])).toMatchObject({ code: 5 })
  })

  it('shows what each channel says to a test message, and fails when one does not take it', async () => {
    await using admin = await startAdmin()
    expect(await cli(['alerts', 'test', '--url', admin.url])).toMatchObject({ code: 0 })
    admin.parts.channelTests.push({ channel: 'email', is_accepted: false, note: 'login refused', ms: 5 })
    const { code, stdout } = await cli(['alerts', 'test', '--url', admin.url])
    expect(code).toBe(7)
    expect(stdout).toMatch(/slack +accepted/)
    expect(stdout).toMatch(/email +refused +5 +login refused/)
    expect(await cli(['alerts', 'test', '--channel', 'slack', '--url', admin.url])).toMatchObject({ code: 0 })
    expect(await cli(['alerts', 'test', '--channel', 'pager', '--url', admin.url])).toMatchObject({ code: 5 })
  })

  it('explains every rule of a route', async () => {
    await using admin = await startAdmin()
    const { stdout } = await cli(['alerts', 'explain', 'app-12345', '--url', admin.url])
    expect(stdout).toMatch(/failure_rate +– +unclear +12 of 100 callbacks failed/)
    expect(await cli(['alerts', 'explain', 'nothing', '--url', admin.url])).toMatchObject({ code: 5 })
  })
})

describe('ringback silence', () => {
  it('begins, lists and ends a silence', async () => {
    await using admin = await startAdmin()
    const add = ['silence', 'add', '--route', 'ivr*', '--for', '1h', '--by', 'ana', '--comment', 'planned']
    expect(await cli([...add, '--url', admin.url])).toMatchObject({ code: 0 })
    expect(admin.parts.silences).toMatchObject([{ route: 'ivr*', rule: '', created_by: 'ana' }])
    const [silence] = admin.parts.silences
    expect(silence!.expires_at - silence!.starts_at).toBe(3_600_000)
    const { stdout } = await cli(['silence', 'list', '--url', admin.url])
    expect(stdout).toContain('planned')
    expect(await cli(['silence', 'end', silence!.id, '--url', admin.url])).toMatchObject({ code: 0 })
    expect(await cli(['silence', 'end', silence!.id, '--url', admin.url])).toMatchObject({ code: 5 })
    expect(await cli(['silence', 'add', '--url', admin.url])).toMatchObject({ code: 2 })
  })
})

describe('ringback drill', () => {
  const { ended_at: _, ...under } = aDrill
  const done = { ...under, ended_at: 1_795_444_005_000, failed_at: 1_795_444_001_000 }
  const fired_at = 1_795_444_002_000

  it('waits for the end and shows when each channel took what', async () => {
    await using admin = await startAdmin()
    const channels = [{ channel: 'slack', fired_at, resolved_at: 1_795_444_004_500, problem: '' }]
    admin.parts.drillRuns = [aDrill, { ...done, state: 'passed', mended_at: 1_795_444_004_000, channels }]
    const { code, stdout } = await cli(['drill', '--url', admin.url])
    expect(code).toBe(0)
    expect(stdout).toMatch(/slack +after 1000 ms +after 500 ms/)
  })

  it('fails, with the report as data when that is asked for, when a channel did not take the alert', async () => {
    await using admin = await startAdmin()
    const problem = 'slack did not accept the alert in time'
    admin.parts.drillRuns = [aDrill, { ...done, state: 'failed', problem }]
    const { code, stdout, stderr } = await cli(['drill', '--json', '--url', admin.url])
    expect(code).toBe(7)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'failed', problem })
    expect(stderr).toContain(`The drill failed: ${problem}.`)
  })
})
