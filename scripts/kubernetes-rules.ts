import { readFileSync } from 'node:fs'

import { parse, stringify } from 'yaml'

const HEAD = '# Written by `npm run docs` from prometheus/*.yml; change those instead.\n'

/** deploy/kubernetes/prometheus-rule.yaml: the recording and alert rules as the Prometheus operator takes them. */
export function prometheusRuleYaml(recordingRules: string): string {
  const alertRules = readFileSync('prometheus/alerts.yml', 'utf8')
  const groups = [recordingRules, alertRules].flatMap((text) => (parse(text) as { groups: unknown[] }).groups)
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'ringback', labels: { 'app.kubernetes.io/name': 'ringback' } },
    spec: { groups },
  }
  return HEAD + stringify(rule, { aliasDuplicateObjects: false, lineWidth: 0 })
}
