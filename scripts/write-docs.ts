import { mkdirSync, writeFileSync } from 'node:fs'

import { dashboardJson, dashboards } from '../grafana/dashboards.ts'
import { configSchemaJson, configurationMarkdown } from '../src/config/docs.ts'
import { metricsMarkdown } from '../src/metrics/docs.ts'
import { prometheusRuleYaml } from './kubernetes-rules.ts'
import { recordingRulesYaml } from './recording-rules.ts'

// Every file that is written from code; a test of each compares the file on disk with what stands here.
mkdirSync('grafana/dashboards', { recursive: true })
writeFileSync('docs/metrics.md', metricsMarkdown())
writeFileSync('docs/configuration.md', configurationMarkdown())
writeFileSync('docs/config.schema.json', configSchemaJson())
writeFileSync('prometheus/recording.yml', recordingRulesYaml())
writeFileSync('deploy/kubernetes/prometheus-rule.yaml', prometheusRuleYaml(recordingRulesYaml()))
for (const [file, dashboard] of dashboards()) {
  writeFileSync(`grafana/dashboards/${file}`, dashboardJson(dashboard))
}
