import { describe, expect, it } from 'vitest'

import { Prefixes } from '../../../src/routing/prefixes.ts'
import { createRouteTable } from '../../../src/routing/table.ts'
import { configOf } from './config-of.ts'

function prefixes(...paths: readonly string[]): Prefixes<string> {
  const found = new Prefixes<string>()
  for (const path of paths) found.add(path, path)
  return found
}

describe('a prefix', () => {
  it.each([
    ['/ivr/', '/ivr/', true],
    ['/ivr/', '/ivr/menu', true],
    ['/ivr/', '/ivr/menu/1', true],
    ['/ivr/', '/ivr//menu', true],
    ['/ivr/', '/ivr/a%2fb', true],
    ['/ivr/', '/ivr/..menu', true],
    ['/ivr/', '/ivr/v1.2/menu.xml', true],
    ['/ivr/', '/ivr', false],
    ['/ivr/', '/ivrx', false],
    ['/ivr/', '/ivrx/menu', false],
    ['/ivr/', '/iv', false],
    ['/ivr/', '//ivr/menu', false],
    ['/ivr/', '/IVR/menu', false],
    ['/ivr/', '/%69vr/menu', false],
    ['/ivr/', '/ivr%2fmenu', false],
    ['/ivr/', '/x/../ivr/menu', false],
    ['/ivr/', 'ivr/menu', false],
    ['/ivr/', '', false],
    ['/ivr', '/ivr', true],
    ['/ivr', '/ivr/', true],
    ['/ivr', '/ivr/menu', true],
    ['/ivr', '/ivrx', false],
    ['/', '/', true],
    ['/', '/anything/at/all', true],
    ['/', '*', false],
  ])('%s with %s: %s', (prefix, path, expected) => {
    expect(prefixes(prefix).find(path) !== undefined).toBe(expected)
  })

  it.each([
    '/ivr/..',
    '/ivr/../admin',
    '/ivr/.',
    '/ivr/./x',
    '/ivr/%2e%2E/admin',
    '/ivr/.%2e/admin',
    '/ivr/..%2fadmin',
    '/ivr/..;/admin',
    '/ivr/x%5c..%5cadmin',
  ])('opens no way out of its folder: %s', (path) => {
    expect(prefixes('/ivr/', '/').find(path)).toBeUndefined()
  })

  it('is the longest one that fits, whatever the order in the file', () => {
    const found = prefixes('/a/b/c/', '/', '/a/', '/a/b')
    expect(
      ['/x', '/a', '/a/x', '/a/b', '/a/b/x', '/a/b/c', '/a/b/c/', '/a/bc/d'].map((path) => found.find(path)),
    ).toEqual(['/', '/', '/a/', '/a/b', '/a/b', '/a/b', '/a/b/c/', '/a/'])
  })
})

function routesOf(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `r-${index}`,
    path: `/team-${index % 40}/route-${index}/`,
    target: `https://h.example.com/${index}/`,
    signature: 'off',
  }))
}

/** Milliseconds of the fastest of many rounds, so that a busy machine does not matter. */
function fastest(lookup: () => unknown): number {
  let best = Infinity
  for (let round = 0; round < 30; round++) {
    const start = performance.now()
    for (let index = 0; index < 5000; index++) lookup()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

it('two thousand routes are found as one is', () => {
  const table = createRouteTable(configOf({ routes: routesOf(2000) }))
  for (let index = 0; index < 2000; index++) {
    expect(table.scopeOf(`/team-${index % 40}/route-${index}/x`)?.route?.id).toBe(`r-${index}`)
  }
  const few = createRouteTable(configOf({ routes: routesOf(1) }))
  const one = fastest(() => few.scopeOf('/team-0/route-0/x'))
  const many = fastest(() => table.scopeOf('/team-39/route-1999/x'))
  expect(many).toBeLessThan(one * 10) // a scan would take a thousand times as long
})
