import { describe, expect, it } from 'vitest'

import { AlertBench } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { aRouteTo } from '../../support/alert-builders.ts'
import { slackProblems } from '../../support/slack-limits.ts'

const MINUTE = 60_000
const routes = Array.from({ length: 60 }, (_, n) => aRouteTo(`route-${n}`))
const digest = { above: 10, withinMs: 10 * MINUTE, everyMs: MINUTE }

async function start(path: string): Promise<AlertBench> {
  const bench = await AlertBench.start({ file: path, routes, digest })
  bench.slack.isForPeople = true
  return bench
}

function allFail(bench: AlertBench): void {
  for (const route of routes) for (let i = 0; i < 3; i++) bench.decide('http_5xx', { route })
}

describe('alerts that fire together', () => {
  it.each([1, 5, 6, 10, 11, 60])('are all told within six seconds: %i of them', async (broken) => {
    await using file = await scratchFile()
    await using bench = await start(file.path)
    for (const route of routes.slice(0, broken))
      for (let i = 0; i < 3; i++) bench.decide('http_5xx', { route })
    await bench.pass(6000)
    const rows = await bench.store.notifications({ limit: 1000 })
    const told = rows.filter(({ channel, state }) => channel === 'slack' && state === 'sent')
    expect(told).toHaveLength(broken)
  })
})

describe('a storm', () => {
  it('reaches people as one digest within seconds, and machines message by message', async () => {
    await using file = await scratchFile()
    await using bench = await start(file.path)
    allFail(bench)
    await bench.pass(4000, 500)
    const { accepted } = bench.slack
    expect(accepted.length).toBeLessThanOrEqual(2)
    const one = accepted.find(({ id }) => id.startsWith('digest'))
    expect(one?.subject).toMatch(/^\[DIGEST\] (59|60) messages: (59|60) firing$/)
    expect(slackProblems(one!.slack)).toEqual([])
    await expect(one!.text).toMatchFileSnapshot('golden/digest.txt')
    await bench.pass(2 * MINUTE)
    expect(bench.email.kinds()).toEqual(Array.from({ length: 60 }, () => 'firing'))

    // Its end comes together too, and every single incident is told of once.
    for (const route of routes) for (let i = 0; i < 2; i++) bench.decide('ok', { route })
    await bench.pass(2 * MINUTE)
    expect(accepted.length).toBeLessThanOrEqual(4)
    expect(accepted.at(-1)?.subject).toMatch(/ over$/)
    const rows = await bench.store.notifications({ limit: 1000 })
    const slack = rows.filter(({ channel }) => channel === 'slack')
    expect(slack.filter(({ state }) => state !== 'sent')).toEqual([])
    expect(slack).toHaveLength(120)
  })

  it('is told in at most one digest a minute while it lasts', async () => {
    await using file = await scratchFile()
    await using bench = await start(file.path)
    for (let n = 0; n < 50; n++) {
      for (let i = 0; i < 3; i++) bench.decide('http_5xx', { route: routes[n]! })
      await bench.pass(6000)
    }
    // Five minutes, ten alerts a minute: ten one by one, then a digest a minute.
    expect(bench.slack.accepted.length).toBeLessThanOrEqual(10 + 5)
    expect(bench.slack.accepted.length).toBeGreaterThanOrEqual(10 + 3)
  })

  it('whose digest was not taken, or was cut off by a kill, is told again', async () => {
    await using file = await scratchFile()
    {
      await using bench = await start(file.path)
      bench.slack.breaks()
      allFail(bench)
      await bench.pass(3000)
      expect(bench.slack.accepted).toEqual([])
    }
    await using bench = await start(file.path)
    await bench.pass(2 * MINUTE)
    const rows = await bench.store.notifications({ limit: 1000 })
    expect(rows.filter(({ channel, state }) => channel === 'slack' && state !== 'sent')).toEqual([])
    expect(bench.slack.accepted.length).toBeLessThanOrEqual(3)
  })
})
