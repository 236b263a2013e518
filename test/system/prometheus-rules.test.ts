import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'
import { parse } from 'yaml'

import { ruleNames } from '../../src/alerts/rule.ts'
import { hasTool } from '../support/tools.ts'

const run = promisify(execFile)

interface AlertRule {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
interface RuleTest {
  readonly promql_expr_test: readonly { readonly expr: string; readonly exp_samples?: readonly unknown[] }[]
}

const rules = (
  parse(readFileSync('prometheus/alerts.yml', 'utf8')) as { groups: { rules: AlertRule[] }[] }
).groups.flatMap((group) => group.rules)
const testFiles = readdirSync('prometheus/tests').map((file) => `prometheus/tests/${file}`)

test.runIf(hasTool('promtool'))(
  'every alert fires, stays quiet and resolves as promtool is told',
  async () => {
    const outputs = await Promise.all(testFiles.map((file) => run('promtool', ['test', 'rules', file])))
    for (const { stdout } of outputs) expect(stdout).toContain('SUCCESS')
  },
)

test.runIf(hasTool('promtool'))(
  'promtool finds nothing wrong with prometheus.yml and its rules',
  async () => {
    const files = ['prometheus/recording.yml', 'prometheus/alerts.yml']
    const lint = await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...files])
    const config = await run('promtool', ['check', 'config', 'prometheus.yml'])
    expect(lint.stdout).toContain(`${rules.length} rules found`)
    expect(config.stdout).toContain('2 rule files found')
  },
)

test.runIf(hasTool('amtool'))('amtool finds nothing wrong with alertmanager.yml', async () => {
  const { stdout } = await run('amtool', ['check-config', 'prometheus/alertmanager.yml'])
  expect(stdout).toContain('SUCCESS')
})

test('what the engine tells over Alertmanager is not told again by a rule', () => {
  const { inhibit_rules: inhibitions } = parse(readFileSync('prometheus/alertmanager.yml', 'utf8')) as {
    inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[]
  }
  const pairs = inhibitions.filter((each) => each.source_matchers.includes('source = ringback'))
  for (const { target_matchers: target } of pairs) {
    expect(target).toContain('source = rules')
    expect(rules.map(({ alert }) => alert)).toContain(named(target))
  }
  // The rules know nothing of single calls.
  const ofEngineAlone: ReadonlySet<string> = new Set(['stuck_calls'])
  const matched = ruleNames.filter((rule) => !ofEngineAlone.has(rule)).map((rule) => `Ringback_${rule}`)
  expect(pairs.map((each) => named(each.source_matchers)).toSorted()).toEqual(matched.toSorted())
})

test('every alert has a test in which it fires, and one in which it is quiet', () => {
  const tests = testFiles.flatMap(
    (file) => (parse(readFileSync(file, 'utf8')) as { tests: RuleTest[] }).tests,
  )
  for (const { alert } of rules) {
    const own = tests
      .flatMap((one) => one.promql_expr_test)
      .filter(({ expr }) => expr.includes(`alertname="${alert}"`))
    const firing = own.filter((one) => (one.exp_samples ?? []).length > 0)
    // Before the cause and after it.
    expect([alert, firing.length > 0, own.length - firing.length >= 2]).toEqual([alert, true, true])
  }
})

test('every alert says what, how bad and where to read on; its runbook page has all parts', () => {
  const pages = new Set(readdirSync('docs/runbook'))
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Ringback[A-Z]/)
    expect(labels['severity']).toMatch(/^(critical|warning)$/)
    expect(labels['source']).toBe('rules')
    expect(annotations['summary']).toMatch(/^[A-Z][^{]*\.$/)
    expect(annotations['description']).toMatch(/\.$/)
    expect(annotations['dashboard_url']).toMatch(/^http:\/\/localhost:3000\/d\/ringback-/)
    const page = annotations['runbook_url'] ?? ''
    const text = readFileSync(page, 'utf8')
    expect(text.split('\n')[0]).toBe(`# ${alert}`)
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'Who is hurt',
      'First three commands',
      'Likely causes',
      'How to end it',
    ])
    pages.delete(page.replace('docs/runbook/', ''))
  }
  // A page that is left over belongs to no alert.
  expect([...pages]).toEqual([])
})

test('every dashboard that an alert links to exists', () => {
  const uids = readdirSync('grafana/dashboards').map(
    (file) => (JSON.parse(readFileSync(`grafana/dashboards/${file}`, 'utf8')) as { uid: string }).uid,
  )
  for (const { annotations } of rules) {
    const [, uid] = /\/d\/([\w-]+)/.exec(annotations['dashboard_url'] ?? '') ?? []
    expect(uids).toContain(uid)
  }
})

/** The alert that matchers of Alertmanager are about. */
function named(matchers: readonly string[]): string {
  return matchers.map((matcher) => /^alertname = (\w+)$/.exec(matcher)?.[1] ?? '').join('')
}
