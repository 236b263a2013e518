import { isBuiltin } from 'node:module'

import type { Plugin } from 'vite'

/** An import statement as the bundler writes it, of something that may be a module of Node's. */
const IMPORT = /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{([^}]*)\})? ?from "([^"]+)";$/gm

/**
 * Takes modules of Node's by `process.getBuiltinModule` instead of `import`.
 *
 * For an import Node reads every export of its module once, and some of them load on being read: `WebSocket` of `http`
 * is all of undici, `stdin` of `process` opens a stream. In the daemon that is 14 MiB and 50 ms of a start
 * (docs/performance.md); each thread pays anew for what it imports itself.
 */
export function builtinImports(): Plugin {
  return {
    name: 'builtin-imports',
    renderChunk: (code) => ({ code: withoutBuiltinImports(code), map: null }),
  }
}

/** The same code, line for line, with no import of a module of Node's. */
export function withoutBuiltinImports(code: string): string {
  return code.replaceAll(IMPORT, (statement: string, ...parts: string[]) => {
    const [whole = '', namespace = '', names = '', from = ''] = parts
    if (!isBuiltin(from)) return statement
    const taken = ` = globalThis.process.getBuiltinModule("${from}")`
    const targets = [whole, namespace, ...targetsOf(names)].filter((target) => target !== '')
    return `const ${targets.map((target) => target + taken).join(', ')};`
  })
}

/** What such a module exports by default is the module. */
function targetsOf(names: string): readonly string[] {
  const all = names.split(',').map((name) => name.trim().replace(' as ', ': '))
  const named = all.filter((name) => name !== '' && !name.startsWith(DEFAULT)).join(', ')
  const defaults = all.filter((name) => name.startsWith(DEFAULT)).map((name) => name.slice(DEFAULT.length))
  return named === '' ? defaults : [...defaults, `{ ${named} }`]
}

const DEFAULT = 'default: '
