import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'
import { parse } from 'yaml'

import { type Labels, startAlertmanager } from '../support/alertmanager.ts'
import { hasTool } from '../support/tools.ts'
import { waitFor } from '../support/wait-for.ts'

const run = promisify(execFile)
const config = 'prometheus/alertmanager.yml'

test.runIf(hasTool('amtool')).each([
  ['critical', 'pager'],
  ['warning', 'team'],
])('an alert of severity %s goes to %s', async (severity, receiver) => {
  const labels = [`severity=${severity}`, 'alertname=RingbackDown', 'job=ringback']
  const { stdout } = await run('amtool', ['config', 'routes', 'test', `--config.file=${config}`, ...labels])
  expect(stdout.trim()).toBe(receiver)
})

interface Inhibition {
  readonly source_matchers: readonly string[]
  readonly target_matchers: readonly string[]
}

test.runIf(hasTool('amtool'))(
  'nobody is told twice: a real Alertmanager keeps a rule quiet where the engine tells the same, and only there',
  async () => {
    await using alertmanager = await startAlertmanager()
    const { inhibit_rules: rules } = parse(await readFile(config, 'utf8')) as { inhibit_rules: Inhibition[] }
    const pairs = rules
      .filter(({ source_matchers: source }) => source.includes('source = ringback'))
      .map((rule) => ({
        engine: { ...labelsOf(rule.source_matchers), route: 'calls' },
        rule: { ...labelsOf(rule.target_matchers), route: 'calls', severity: 'warning' },
      }))
    expect(pairs.length).toBeGreaterThan(8)
    // The engine's first, as it is in life: it does not wait for a scrape.
    await alertmanager.post(pairs.map(({ engine }) => engine))
    const untold = [
      { alertname: 'RingbackNotificationsFailing', source: 'rules', severity: 'critical' },
      { alertname: 'RingbackDown', source: 'rules', severity: 'critical' },
      { alertname: 'RingbackConsecutiveFailures', source: 'rules', severity: 'critical', route: 'other' },
    ]
    await alertmanager.post([...pairs.map(({ rule }) => rule), ...untold])
    const quiet = await waitFor('inhibitions', async () => {
      const found = await alertmanager.inhibited()
      return found.length >= pairs.length && found
    })
    expect(names(quiet)).toEqual(names(pairs.map(({ rule }) => rule)))
    expect(quiet.filter(({ route }) => route !== 'calls')).toEqual([])
  },
)

function names(alerts: readonly Labels[]): readonly string[] {
  return alerts.map(({ alertname = '' }) => alertname).toSorted()
}

function labelsOf(matchers: readonly string[]): Labels {
  return Object.fromEntries(matchers.map((matcher) => matcher.split(' = ') as [string, string]))
}
