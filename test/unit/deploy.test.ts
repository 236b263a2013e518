import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import { prometheusRuleYaml } from '../../scripts/kubernetes-rules.ts'
import { recordingRulesYaml } from '../../scripts/recording-rules.ts'
import { hasTool } from '../support/tools.ts'

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly ports?: readonly { readonly name: string; readonly targetPort: string }[]
    readonly endpoints?: readonly { readonly port: string; readonly interval: string }[]
    readonly groups?: readonly { readonly rules: readonly unknown[] }[]
  }
}

const folder = 'deploy/kubernetes'
const text = readdirSync(folder)
  .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
  .join('---\n')
const documents = [...parseAllDocuments(text)]
const manifests = documents.map((document) => document.toJS() as Manifest)

function manifest(kind: string, name = 'ringback'): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}

test('every manifest is well-formed', () => {
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  expect(manifests).toHaveLength(6)
})

test('the ServiceMonitor finds the admin port, as often as the dashboards take for granted', () => {
  const monitor = manifest('ServiceMonitor').spec
  const admin = manifest('Service', 'ringback-admin')
  expect(admin.metadata.labels).toMatchObject(monitor.selector?.matchLabels ?? { none: '' })
  expect(monitor.endpoints?.[0]?.port).toBe(admin.spec.ports?.[0]?.name)
  expect(readFileSync('prometheus.yml', 'utf8')).toContain(
    `scrape_interval: ${monitor.endpoints?.[0]?.interval ?? ''}`,
  )
})

test('the PrometheusRule holds every rule that Prometheus itself is given', () => {
  expect(readFileSync(`${folder}/prometheus-rule.yaml`, 'utf8')).toBe(
    prometheusRuleYaml(recordingRulesYaml()),
  )
  const { groups } = parse(readFileSync('prometheus/alerts.yml', 'utf8')) as { groups: unknown[] }
  expect(manifest('PrometheusRule').spec.groups).toEqual(expect.arrayContaining(groups))
})

test.runIf(hasTool('systemd-analyze'))('the systemd unit is exposed to little: at most 2.0 of 10', () => {
  const unit = 'deploy/systemd/ringback.service'
  const report = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  })
  const [, exposure = '10'] = /Overall exposure level for \S+: (\S+)/.exec(report) ?? []
  expect(Number(exposure)).toBeLessThanOrEqual(2)
})
