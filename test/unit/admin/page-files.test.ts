import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, describe, expect, it } from 'vitest'

import { tokensOf } from '../../../src/ui/screens/search/query-text.ts'
import { startAdmin, token } from '../../support/admin-parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-page-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Ringback</title>')
writeFileSync(join(folder, 'assets/index-4f2a.js'), 'export {}')
writeFileSync(join(folder, 'assets/index-4f2a.js.gz'), gzipSync('export {}'))
writeFileSync(join(folder, 'source-hash.txt'), 'not a part of the page')
afterAll(() => rmSync(folder, { recursive: true }))

describe('the files of the page', () => {
  it('come without a token, under a policy that lets nothing inline or foreign run', async () => {
    await using admin = await startAdmin({ pageFolder: folder, tokens: [token('boss', 'admin')] })
    const response = await fetch(admin.url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toContain('<title>Ringback</title>')
  })

  it('may be kept for ever where the name tells the content', async () => {
    await using admin = await startAdmin({ pageFolder: folder })
    const response = await fetch(`${admin.url}/assets/index-4f2a.js`)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe('export {}')
    const plain = await fetch(`${admin.url}/assets/index-4f2a.js`, { headers: { 'accept-encoding': 'br' } })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'export {}'])
  })

  it('are these and no others', async () => {
    await using admin = await startAdmin({ pageFolder: folder })
    for (const path of [
      '/source-hash.txt',
      '/assets/index-4f2a.js.gz',
      '/assets/..%2f..%2fpackage.json',
      '/assets/other.js',
    ]) {
      expect((await fetch(admin.url + path)).status).toBe(404)
    }
  })

  it('say how to be built where they are missing', async () => {
    await using admin = await startAdmin({ pageFolder: join(folder, 'none') })
    const response = await fetch(admin.url)
    expect([response.status, await response.text()]).toEqual([
      503,
      expect.stringContaining('npm run build:ui'),
    ])
  })

  it('are where links of messages lead, also below a path of a proxy', async () => {
    await using admin = await startAdmin({ pageFolder: folder })
    const response = await fetch(`${admin.url}/incidents/01KAJ0000000000000000000I1`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      '../#/incidents/01KAJ0000000000000000000I1',
    ])
  })

  it.each([
    [
      'var-route=calls&since=1764081600000&until=1764085200000',
      'route:calls since:1764081600000 until:1764085200000',
    ],
    ['var-route=$__all&since=1764081600000', 'since:1764081600000'],
    ['var-route=calls&var-route=sms&since=1764081600000', 'since:1764081600000'],
    ['', ''],
  ])('are where links of dashboards lead: %s', async (query, words) => {
    await using admin = await startAdmin({ pageFolder: folder })
    const response = await fetch(`${admin.url}/callbacks?${query}`, { redirect: 'manual' })
    const [page, params] = (response.headers.get('location') ?? '').split('?')
    expect([response.status, page, new URLSearchParams(params).get('q')]).toEqual([302, './#/search', words])
    // The search of the page understands them.
    expect(tokensOf(words).filter(({ problem }) => problem !== '')).toEqual([])
  })
})
