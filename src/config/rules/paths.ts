import type { Check } from './check.ts'

/** Paths that belong to accounts and to per-call URLs. */
const reserved = /^\/(vobiz|c)(\/|$)/

export function checkPaths({ config, problem, lineOf }: Check): void {
  const first = new Map<string, number>()
  for (const [index, { path }] of config.routes.entries()) {
    const at = ['routes', index, 'path']
    if (reserved.test(path)) problem(at, '/vobiz/ and /c/ are Ringback’s own; choose another path')
    if (path.includes('//')) problem(at, 'holds an empty segment (//); no callback has such a path')
    if (/\/\.{1,2}(\/|$)/.test(path)) problem(at, 'holds a dot segment; write the path without it')
    const plain = path === '/' ? path : path.replace(/\/$/, '')
    const earlier = first.get(plain)
    if (earlier === undefined) {
      first.set(plain, index)
    } else {
      problem(
        at,
        `is the path of the route on line ${lineOf(['routes', earlier])} already; give each route its own`,
      )
    }
  }
}
