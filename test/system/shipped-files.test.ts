import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { MAIN } from '../support/shipped.ts'

test('the daemon as it is shipped imports no module of Node’s, which would load undici and more at every start', () => {
  const folder = dirname(MAIN)
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'))
  expect(files).toContain('writer-thread.js')
  const imported = files.flatMap((name) => {
    const code = readFileSync(join(folder, name), 'utf8')
    return [...code.matchAll(/^(?:import|export) .*?from "([^"]+)";$/gm)].map(([, from = '']) => from)
  })
  expect(imported.length).toBeGreaterThan(files.length)
  expect(imported.filter((from) => isBuiltin(from))).toEqual([])
})
