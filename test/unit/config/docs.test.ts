import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { configSchemaJson, configurationMarkdown } from '../../../src/config/docs.ts'

const committed = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

it('docs/configuration.md says what the schema says; write it again with `npm run docs`', () => {
  expect(committed('configuration.md')).toBe(configurationMarkdown())
})

it('docs/config.schema.json says what the schema says; write it again with `npm run docs`', () => {
  expect(committed('config.schema.json')).toBe(configSchemaJson())
})

it('every key has a sentence of its own', () => {
  const keys = [...configurationMarkdown().matchAll(/^\| `(\w+)` \|.*\| (.*) \|$/gm)]
  expect(keys.length).toBeGreaterThan(80)
  expect(keys.filter(([, , meaning]) => meaning === '').map(([, key]) => key)).toEqual([])
})
