import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly volumes?: readonly string[]; readonly mem_limit?: string; readonly cpus?: number }
    >
  >
}

const { services } = parse(readFileSync('compose.yaml', 'utf8')) as Compose

test('compose.yaml mounts only what is there, and gives every service limits', () => {
  const folders = Object.values(services).flatMap(({ volumes }) => volumes ?? [])
  const local = folders
    .filter((volume) => volume.startsWith('./'))
    .map((volume) => volume.split(':')[0] ?? '')
  expect(local.filter((path) => !existsSync(path))).toEqual([])
  for (const [name, service] of Object.entries(services)) {
    expect([name, typeof service.mem_limit, typeof service.cpus]).toEqual([name, 'string', 'number'])
  }
})

test('Prometheus and Grafana look for each other where compose.yaml puts them', () => {
  const prometheus = readFileSync('prometheus.yml', 'utf8')
  const source = readFileSync('grafana/provisioning/datasources/prometheus.yml', 'utf8')
  const provider = readFileSync('grafana/provisioning/dashboards/ringback.yml', 'utf8')
  expect(Object.keys(services).sort()).toEqual(['alertmanager', 'grafana', 'prometheus', 'ringback'])
  expect(prometheus).toContain('[ringback:8081]')
  expect(prometheus).toContain('[alertmanager:9093]')
  expect(source).toContain('url: http://prometheus:9090')
  expect(services['grafana']?.volumes).toContain('./grafana/dashboards:/var/lib/grafana/dashboards:ro')
  expect(provider).toContain('path: /var/lib/grafana/dashboards')
  // $__rate_interval is right only when Grafana knows how often Prometheus scrapes.
  const [, interval] = /scrape_interval: (\w+)/.exec(prometheus) ?? []
  expect(source).toContain(`timeInterval: ${interval}`)
})
