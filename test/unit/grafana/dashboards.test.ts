import { readFileSync } from 'node:fs'

import { parser } from '@prometheus-io/lezer-promql'
import { expect, test } from 'vitest'

import { dashboardJson, dashboards } from '../../../grafana/dashboards.ts'
import { recordingRulesYaml } from '../../../scripts/recording-rules.ts'
import { dashboardFiles, dataPanels, filledIn, type PanelFile } from '../../support/dashboard-panels.ts'

const anyValue = {
  job: '.+',
  instance: '.+',
  route: '.+',
  target: '.+',
  event: '.+',
  __rate_interval: '1m',
  __range: '1h',
  __interval: '15s',
}

function syntaxErrors(expr: string): number {
  let errors = 0
  parser.parse(expr).iterate({ enter: (node) => void (errors += node.type.isError ? 1 : 0) })
  return errors
}

test('the committed dashboards and recording rules are what `npm run docs` writes', () => {
  for (const [file, dashboard] of dashboards()) {
    expect(readFileSync(`grafana/dashboards/${file}`, 'utf8')).toBe(dashboardJson(dashboard))
  }
  expect(dashboardFiles().map(({ file }) => file)).toEqual([...dashboards().keys()].sort())
  expect(readFileSync('prometheus/recording.yml', 'utf8')).toBe(recordingRulesYaml())
})

for (const dashboard of dashboardFiles()) {
  test(`${dashboard.file}: every panel says what it shows, in which unit, and what it means when it is empty`, () => {
    expect(dashboard.editable).toBe(false)
    for (const panel of dataPanels(dashboard)) {
      const { unit, noValue } = panel.fieldConfig?.defaults ?? {}
      expect([panel.title, panel.description]).toEqual([
        panel.title,
        expect.stringMatching(/^[A-Z0-9].*\.$/s),
      ])
      expect([panel.title, unit, noValue]).toEqual([
        panel.title,
        expect.any(String),
        expect.stringMatching(/./),
      ])
      expect(panel.datasource?.uid).toBe('${datasource}')
      expect(panel.targets?.length).toBeGreaterThan(0)
    }
  })

  test(`${dashboard.file}: panels have ids of their own and do not overlap`, () => {
    const ids = dashboard.panels.map((panel) => panel.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [index, one] of dashboard.panels.entries()) {
      expect(one.gridPos.x + one.gridPos.w).toBeLessThanOrEqual(24)
      for (const other of dashboard.panels.slice(index + 1)) {
        expect([one.title, other.title, overlap(one, other)]).toEqual([one.title, other.title, false])
      }
    }
  })

  test(`${dashboard.file}: every expression parses, has no unknown variable and selects by job`, () => {
    for (const panel of dataPanels(dashboard)) {
      for (const { expr, datasource } of panel.targets ?? []) {
        expect([expr, syntaxErrors(filledIn(expr, anyValue))]).toEqual([expr, 0])
        // Only what is true of every job may leave the job out.
        expect(expr.includes('job=~"$job') || expr === 'max(ringback:delivery_objective:ratio)').toBe(true)
        // A counter means something only as a rate.
        expect(expr.replaceAll(/(rate|increase)\([^[]*\[[^\]]*\]\)/g, '')).not.toMatch(
          /_(total|bucket|count|sum)\b/,
        )
        expect(datasource.uid).toBe('${datasource}')
      }
    }
  })
}

test('the syntax check itself notices a broken expression', () => {
  expect(syntaxErrors('sum by (route (up)')).toBeGreaterThan(0)
})

function overlap(one: PanelFile, other: PanelFile): boolean {
  const a = one.gridPos
  const b = other.gridPos
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
