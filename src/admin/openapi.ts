import { z } from 'zod'

import { API_PAGE_POLICY, apiPage } from './api-page.ts'
import { type Endpoint, endpoint, json } from './endpoint.ts'
import { problemSchema } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

/** Adds the endpoint that serves the OpenAPI document of all endpoints, itself included. */
export function withOpenApi(endpoints: readonly Endpoint[], version: string): readonly Endpoint[] {
  const all: Endpoint[] = [...endpoints]
  let roles = ''
  let document: Json = {}
  let page: string | undefined
  /** Made once, and again when a reload has changed who may ask. */
  const documentNow = (): Json => {
    const now = all.map(({ role }) => role).join()
    if (now !== roles) [roles, document, page] = [now, openApiDocument(all, version), undefined]
    return document
  }
  all.push(
    endpoint({
      method: 'GET',
      path: '/api/openapi.json',
      role: 'public',
      tag: 'Monitoring',
      summary: 'This document',
      answer: { status: 200, description: 'OpenAPI 3.1.' },
      handle: () => json(documentNow()),
    }),
  )
  all.push(
    endpoint({
      method: 'GET',
      path: '/api/docs',
      role: 'public',
      tag: 'Monitoring',
      summary: 'This document as a page to read',
      answer: { status: 200, description: 'HTML.', contentType: 'text/html' },
      handle() {
        const now = documentNow()
        return {
          kind: 'text',
          status: 200,
          contentType: 'text/html; charset=utf-8',
          text: (page ??= apiPage(all, now)),
          headers: { 'content-security-policy': API_PAGE_POLICY },
        }
      },
    }),
  )
  return all
}

/** The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), from the same schemas that check requests. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): Json {
  const schemas: Record<string, unknown> = {}
  const paths: Record<string, Record<string, unknown>> = {}
  const problem = schemaOf(problemSchema, 'output', schemas)
  for (const each of endpoints) {
    const path = (paths[each.path] ??= {})
    path[each.method.toLowerCase()] = operation(each, problem, schemas)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ringback admin API',
      version,
      description:
        'Times are milliseconds since the epoch, durations milliseconds. Errors are RFC 9457 problem documents. ' +
        'Roles: each of read, replay, admin includes the ones before it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation(each: Endpoint, problem: Json, schemas: Record<string, unknown>): Json {
  const { answer } = each
  const contentType = answer.contentType ?? 'application/json'
  const content = {
    [contentType]: answer.schema === undefined ? {} : { schema: schemaOf(answer.schema, 'output', schemas) },
  }
  return {
    operationId: operationId(each),
    summary: each.summary,
    tags: [each.tag],
    'x-role': each.role,
    security: each.role === 'public' ? [] : [{ token: [] }],
    parameters: [...parameters(each.params, 'path'), ...parameters(each.query, 'query')],
    ...(each.body === undefined
      ? {}
      : {
          requestBody: { content: { 'application/json': { schema: schemaOf(each.body, 'input', schemas) } } },
        }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.status === 204 ? {} : { content }),
      },
      default: {
        description: 'A problem document.',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}

/** `GET /api/v1/callbacks/{id}/attempts` becomes `get_callbacks_id_attempts`. */
function operationId({ method, path }: Endpoint): string {
  const words = path.replace(/^\/api(\/v1)?/, '').match(/[A-Za-z]+/g) ?? []
  return [method.toLowerCase(), ...words].join('_')
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): readonly Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...type } = plainSchema(field as z.ZodType, 'input')
    return { name, in: place, required: place === 'path', description, schema: type }
  })
}

/** A schema by reference where it has a name; what it refers to is put under `components`. */
function schemaOf(schema: z.ZodType, side: 'input' | 'output', schemas: Record<string, unknown>): Json {
  const { $defs, id, ...inline } = plainSchema(schema, side)
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json))
    schemas[name] = withoutId(definition)
  if (typeof id !== 'string') return inline
  schemas[id] = inline
  return { $ref: `#/components/schemas/${id}` }
}

/** Safe: JSON Schema of an object or a type is an object. */
function plainSchema(schema: z.ZodType, side: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: side, unrepresentable: 'any' })
  return JSON.parse(JSON.stringify(rest).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
}

function withoutId(definition: unknown): unknown {
  const { id: _name, ...rest } = definition as Json
  return rest
}
