import { readFileSync } from 'node:fs'

import manifest from '@grafana/schema/package.json' with { type: 'json' }
import { Ajv, type SchemaObject, type ValidateFunction } from 'ajv'
import { createGenerator } from 'ts-json-schema-generator'
import { expect, test } from 'vitest'

import { dashboardFiles } from '../../support/dashboard-panels.ts'

// Grafana publishes its dashboard schema as the types of @grafana/schema (generated from Grafana's own definitions, the
// same version as compose.yaml starts). They become a JSON Schema that allows no property that they do not name.

const folder = 'node_modules/@grafana/schema/dist/types/raw'
const ajv = new Ajv({ strict: false, allErrors: true })

function schemaOf(path: string, type: string): ValidateFunction {
  const options = { path: `${folder}/${path}/x/types.gen.d.ts`, type, skipTypeCheck: true }
  return ajv.compile(createGenerator(options).createSchema(type) as SchemaObject)
}

const isDashboard = schemaOf('dashboard', 'Dashboard')
const plugins = ['stat', 'timeseries', 'heatmap', 'state-timeline', 'table']
const ofPlugin = new Map(
  plugins.map((type) => {
    const path = `composable/${type.replace('-', '')}/panelcfg`
    return [type, { options: schemaOf(path, 'Options'), custom: schemaOf(path, 'FieldConfig') }]
  }),
)

/** Saved at the root of an annotation, where the Prometheus data source reads them; the published types leave them out. */
const ofPrometheus = ['expr', 'titleFormat', 'textFormat', 'step']

interface Panel {
  readonly type: string
  readonly title: string
  readonly options: unknown
  readonly fieldConfig: { readonly defaults: { readonly custom?: unknown } }
}

function problemsOf(validate: ValidateFunction, value: unknown): readonly string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  )
}

const isOfPrometheus = (problem: string): boolean =>
  problem.startsWith('/annotations/list/') &&
  ofPrometheus.some((name) => problem.endsWith(`{"additionalProperty":"${name}"}`))

for (const dashboard of dashboardFiles()) {
  test(`${dashboard.file} is valid under Grafana's published schema`, () => {
    const { file, ...whole } = dashboard
    expect(problemsOf(isDashboard, whole).filter((problem) => !isOfPrometheus(problem))).toEqual([])
    for (const panel of whole.panels as readonly unknown[] as readonly Panel[]) {
      const schema = ofPlugin.get(panel.type)
      if (panel.type === 'row') continue
      expect([file, panel.title, panel.type, schema !== undefined]).toEqual([
        file,
        panel.title,
        panel.type,
        true,
      ])
      const custom = panel.fieldConfig.defaults.custom ?? {}
      const problems = schema && [
        ...problemsOf(schema.options, panel.options),
        ...problemsOf(schema.custom, custom),
      ]
      expect([panel.title, problems]).toEqual([panel.title, []])
    }
  })
}

test('the schema is that of the Grafana that compose.yaml starts', () => {
  expect(readFileSync('compose.yaml', 'utf8')).toContain(`image: grafana/grafana:${manifest.version}\n`)
})

test('the schema refuses what is misspelt, of the wrong type or left out', () => {
  const [good] = dashboardFiles()
  const { file: _file, ...whole } = good ?? { file: '' }
  const broken = { ...whole, titel: 'x', schemaVersion: '42', timezone: undefined }
  const problems = problemsOf(isDashboard, { ...broken, annotations: { list: [{ name: 'x' }] } }).join('\n')
  expect(problems).toMatch(/"titel"/)
  expect(problems).toMatch(/schemaVersion must be number/)
  expect(problems).toMatch(/annotations\/list\/0 must have required property/)
})
