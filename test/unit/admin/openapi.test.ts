import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'

import { adminEndpoints } from '../../../src/admin/endpoints.ts'
import { openApiDocument } from '../../../src/admin/openapi.ts'
import {
  FakeParts,
  attemptRow,
  callbackRow,
  openAccess,
  openGate,
  startAdmin,
} from '../../support/admin-parts.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

async function served(): Promise<{ document: Document; text: string }> {
  await using admin = await startAdmin()
  const text = await (await fetch(`${admin.url}/api/openapi.json`)).text()
  return { document: JSON.parse(text) as Document, text }
}

describe('the OpenAPI document', () => {
  it('is the one in docs (npx vitest run test/unit/admin/openapi.test.ts -u writes it)', async () => {
    const endpoints = adminEndpoints(new FakeParts(), {
      access: () => openAccess,
      version: '1',
      gate: openGate,
    })
    const document = JSON.stringify(openApiDocument(endpoints, '1'))
    await expect(await format(document, { parser: 'json', printWidth: 110 })).toMatchFileSnapshot(
      '../../../docs/openapi.json',
    )
  })

  it('refers only to what it holds, and names every operation once', async () => {
    const { document, text } = await served()
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '')
    expect(references.length).toBeGreaterThan(10)
    for (const target of references) {
      expect(Object.keys(document.components.schemas)).toContain(target.replace('#/components/schemas/', ''))
    }
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((each) => each.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('lists every parameter of a path', async () => {
    const { document } = await served()
    for (const [path, operations] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { parameters } of Object.values(operations)) {
        expect(parameters.filter((each) => each.in === 'path').map((each) => each.name)).toEqual(inPath)
      }
    }
  })

  it.each([
    '/api/v1/callbacks',
    '/api/v1/callbacks/{id}',
    '/api/v1/callbacks/{id}/attempts',
    '/api/v1/calls/{id}',
    '/api/v1/routes',
    '/api/v1/alerts',
    '/api/v1/incidents',
    '/api/v1/incidents/{id}',
    '/api/v1/status',
    '/readyz',
  ])('describes what GET %s really answers, field for field', async (path) => {
    await using admin = await startAdmin()
    const id = path.includes('incidents') ? (admin.parts.incidentRows[0]?.id ?? '') : '01KAJ0001'
    admin.parts.rows = [callbackRow({ id: '01KAJ0001', call_id: id })]
    admin.parts.attemptRows = [attemptRow({ callback_id: '01KAJ0001' })]
    const endpoints = adminEndpoints(admin.parts, {
      access: () => openAccess,
      version: '1',
      gate: openGate,
    })
    const template = path.replace('calls/{id}', 'calls/{callId}')
    const found = endpoints.find((each) => each.method === 'GET' && each.path === template)
    const body: unknown = await (await fetch(admin.url + path.replace('{id}', id))).json()
    const schema = found?.answer.schema as z.ZodType
    expect(schema.parse(body)).toEqual(body) // parse leaves out what the schema does not know
  })
})
