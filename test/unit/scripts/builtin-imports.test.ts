import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { withoutBuiltinImports } from '../../../scripts/builtin-imports.ts'

const from = (module: string): string => `globalThis.process.getBuiltinModule("${module}")`

test.each([
  ['import { a } from "node:fs";', `const { a } = ${from('node:fs')};`],
  ['import { a as b, default as c } from "fs";', `const c = ${from('fs')}, { a: b } = ${from('fs')};`],
  ['import fs from "node:fs";', `const fs = ${from('node:fs')};`],
  ['import fs, { a } from "node:fs";', `const fs = ${from('node:fs')}, { a } = ${from('node:fs')};`],
  ['import * as fs from "node:fs";', `const fs = ${from('node:fs')};`],
  // Of anything else it stays what it is.
  ['import { a } from "./node-fs.js";', 'import { a } from "./node-fs.js";'],
  ['import { a } from "pg";', 'import { a } from "pg";'],
  ['const text = `import { a } from "node:fs"`;', 'const text = `import { a } from "node:fs"`;'],
])('%s', (statement, taken) => {
  expect(withoutBuiltinImports(`first();\n${statement}\nlast();\n`)).toBe(`first();\n${taken}\nlast();\n`)
})

test('what is taken so is there, and undici of Node is not loaded for it', () => {
  const code = withoutBuiltinImports(
    'import process, { pid } from "node:process";\nimport { createServer } from "node:http";\n',
  )
  const asked = `${code}
    const hasUndici = () => process.moduleLoadList.some((name) => name.endsWith('undici/undici'))
    const before = hasUndici()
    await import('node:http')
    console.log(typeof createServer, pid === process.pid, before, hasUndici())`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', asked], { encoding: 'utf8' })
  expect(said).toBe('function true false true\n')
})
