import { globSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { documentedLogFields } from '../support/log-fields.ts'

const documented = documentedLogFields()

/** Names of the members of an object literal without nested ones. */
function membersOf(literal: string): readonly string[] {
  return literal
    .split(',')
    .map((member) => /^\s*(\w+)\s*(?::|$)/.exec(member)?.[1] ?? '')
    .filter((name) => name !== '')
}

test('every field of the lines of callbacks and attempts is documented', () => {
  const fields = [...readFileSync('src/log-lines.ts', 'utf8').matchAll(/"(\w+)":/g)].map(
    ([, name = '']) => name,
  )
  expect(fields).toContain('hangup_code')
  expect(fields.filter((field) => !documented.has(field))).toEqual([])
})

test('every field that any other line is given is documented', () => {
  const calls = globSync('src/**/*.ts').flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const found = text.matchAll(/\blog(?:\.pino)?\.(?:debug|info|warn|error|fatal)\(\s*\{([^{}]*)\}/g)
    return [...found].flatMap(([, literal = '']) => membersOf(literal).map((field) => `${field} in ${file}`))
  })
  expect(calls.length).toBeGreaterThan(20)
  expect(calls.filter((call) => !documented.has(call.split(' ')[0] ?? ''))).toEqual([])
})
