import { expect, it } from 'vitest'

import { startAdmin } from '../../support/admin-parts.ts'

it('serves the API as a page that names every operation, runs nothing and needs nothing from elsewhere', async () => {
  await using admin = await startAdmin()
  const reply = await fetch(`${admin.url}/api/docs`)
  const page = await reply.text()
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(reply.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; /,
  )
  const document = (await (await fetch(`${admin.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { summary: string }>>
    components: { schemas: Record<string, unknown> }
  }
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations)) {
      expect(page).toContain(`<code>${method.toUpperCase()} ${path}</code>`)
    }
  }
  for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="schema-${name}"`)
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  for (const id of links) expect(page).toContain(`id="${id}"`)
  expect(page).not.toMatch(/<script|https?:\/\/(?!www)/)
  expect(page).not.toContain('undefined')
})
