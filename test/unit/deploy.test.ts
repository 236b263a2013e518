import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Service } from 'kubernetes-models/v1/Service'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import { environment, flags } from '../../bin/tuning.js'
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

const models = { ConfigMap, StatefulSet, Service, ServiceMonitor, PrometheusRule }

/** Throws, with what is wrong, when a manifest is not what its own schema says. */
function validate(document: object): void {
  const { kind } = document as Manifest
  const Model = models[kind as keyof typeof models]
  new Model(document as never).validate()
}

test('every manifest is valid under the schema of Kubernetes or of the Prometheus operator', () => {
  for (const one of manifests) validate(one)
  expect(() => validate({ kind: 'Service', spec: { ports: [{ port: 'eighty' }] } })).toThrow(/port/)
  expect(() => validate({ kind: 'PrometheusRule', spec: { groups: [{ rules: [] }] } })).toThrow(/name/)
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

test('the systemd unit starts the daemon as its launcher would', () => {
  const unit = readFileSync('deploy/systemd/ringback.service', 'utf8')
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  expect(unit).toContain(`\nEnvironment=${variables.join(' ')}\n`)
  expect(unit).toContain(`\nExecStart=/usr/bin/node ${flags.join(' ')} /opt/ringback/bin/ringback.js serve`)
})

test.runIf(hasTool('systemd-analyze'))('systemd finds nothing wrong with the units', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-units-'))
  try {
    for (const unit of ['ringback.service', 'ringback.socket']) {
      const text = readFileSync(`deploy/systemd/${unit}`, 'utf8')
      // Only that the programs are installed elsewhere is not their fault.
      writeFileSync(join(folder, unit), text.replaceAll('/usr/bin/node', process.execPath))
    }
    const units = ['ringback.service', 'ringback.socket'].map((unit) => join(folder, unit))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    })
    expect([status, stderr.split('\n').filter((line) => line.includes('ringback.'))]).toEqual([0, []])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.runIf(hasTool('systemd-analyze'))('the systemd unit is exposed to little: at most 2.0 of 10', () => {
  const unit = 'deploy/systemd/ringback.service'
  const report = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  })
  const [, exposure = '10'] = /Overall exposure level for \S+: (\S+)/.exec(report) ?? []
  expect(Number(exposure)).toBeLessThanOrEqual(2)
})
