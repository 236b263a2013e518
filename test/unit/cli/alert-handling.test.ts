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

describe('for programs', () => {
  it('every command prints its data as JSON', async () => {
    await using admin = await startAdmin()
    const run = async (...argv: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await cli([...argv, '--json', '--url', admin.url])
      expect([argv, code, stderr]).toEqual([argv, 0, ''])
      return stdout === '' ? undefined : (JSON.parse(stdout.split('\n')[0]!) as unknown)
    }
    const { id } = admin.parts.incidentRows[0]!
    expect(await run('alerts')).toMatchObject({ id, rule: 'consecutive_failures' })
    expect(await run('alerts', 'ack', id, '--for', '1h')).toMatchObject({
      id,
      acked_until: expect.any(Number) as number,
    })
    expect(await run('alerts', 'test')).toMatchObject({ channel: 'slack', is_accepted: true })
    expect(await run('alerts', 'explain', 'app-12345')).toMatchObject({
      rule: expect.any(String) as string,
      is_on: true,
    })
    const added = await run(
      'silence',
      'add',
      '--rule',
      'slow_*',
      '--severity',
      'warning',
      '--comment',
      'known',
    )
    expect(added).toMatchObject({ rule: 'slow_*', severity: 'warning' })
    expect(await run('silence', 'list')).toEqual(added)
    const silenceId = (added as { id: string }).id
    expect(await run('silence', 'end', silenceId)).toMatchObject({ id: silenceId })
    expect(await run('silence', 'list')).toBeUndefined()
  })
})

describe('for people', () => {
  it('the list of alerts shows the id that the other commands want, and who is on it', async () => {
    await using admin = await startAdmin()
    const [row] = admin.parts.incidentRows
    const { stdout } = await cli(['alerts', '--url', admin.url])
    expect(stdout.split('\n')[0]).toMatch(/^ID +STATE +SINCE \(UTC\) +LASTED +ROUTE/)
    expect(stdout).toMatch(new RegExp(`^${row!.id} +firing `, 'm'))
    admin.parts.incidentRows = [{ ...row!, acked_by: 'ana', acked_until: Date.now() + 3_600_000 }]
    expect((await cli(['alerts', '--url', admin.url])).stdout).toMatch(/ +acked .* ana +/)
  })

  it('says what there is not, and where to look', async () => {
    await using admin = await startAdmin()
    admin.parts.incidentRows = []
    admin.parts.channelTests = []
    expect(await cli(['alerts', '--url', admin.url])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'No alert fires.\n',
    })
    expect(await cli(['silence', 'list', '--url', admin.url])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing is silenced.\n',
    })
    const remedies: readonly (readonly [argv: readonly string[], remedy: string])[] = [
      [['alerts', 'ack', 'nothing'], '`ringback alerts` lists those that are open'],
      [['alerts', 'test'], 'No channel is configured; name one under `notify`'],
      [['alerts', 'explain', 'nothing'], '`ringback urls` lists them'],
      [['silence', 'end', 'nothing'], '`ringback silence list` lists them'],
    ]
    for (const [argv, remedy] of remedies) {
      const { code, stderr } = await cli([...argv, '--url', admin.url])
      expect([argv, code]).toEqual([argv, 5])
      expect(stderr).toContain(remedy)
    }
  })

  it('names the option that is wrong, and what it may be', async () => {
    await using admin = await startAdmin()
    const wrong: readonly (readonly [argv: readonly string[], words: string])[] = [
      [['alerts', 'ack', 'x', '--for', 'soon'], '--for <duration>'],
      [['silence', 'add', '--comment', 'x', '--for', '2 moons'], 'a duration such as 30m, 4h or 2d'],
      [
        ['silence', 'add', '--comment', 'x', '--rule', 'no_callback'],
        'there are consecutive_failures, failure_rate',
      ],
      [['silence', 'add', '--comment', 'x', '--severity', 'bad'], 'there are critical, warning and info'],
      [['silence', 'add'], '--comment'],
      [['alerts', 'ack'], 'incident'],
    ]
    for (const [argv, words] of wrong) {
      const { code, stderr } = await cli([...argv, '--url', admin.url])
      expect([argv, code]).toEqual([argv, 2])
      expect(stderr).toContain(words)
    }
    expect(admin.parts.silences).toEqual([])
  })

  it('begins every help with examples', async () => {
    for (const command of [
      'alerts',
      'alerts ack',
      'alerts test',
      'alerts explain',
      'silence',
      'silence add',
      'silence list',
      'silence end',
      'drill',
    ]) {
      const { code, stdout } = await cli([...command.split(' '), '--help'])
      expect([command, code, stdout.slice(0, 9)]).toEqual([command, 0, 'Examples:'])
    }
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
