import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A JSON Schema, as far as docs/openapi.json uses them. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly minimum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly enum?: readonly string[]
}
interface Operation {
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: Schema }>> }>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** What the made-up daemon says where its document asks for a text; row by row in lists. */
export type Say = (field: string, row: number, choices: readonly string[] | undefined) => string

const A_MOMENT = 1_795_444_000_000
const document = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'),
) as Document

/** A daemon that answers every operation of docs/openapi.json in its shape, with so many rows and what `say` says. */
export async function startSchemaDaemon(
  rows: number,
  say: Say,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://daemon').pathname
    const found = operationOf(request.method ?? 'GET', path)
    request.resume()
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"detail":"no such path"}')
      return
    }
    const body = found.schema === undefined ? '' : JSON.stringify(sample(found.schema, '', 0))
    response.writeHead(found.status, { 'content-type': 'application/json' }).end(body)
  })
  const sample = (schema: Schema, field: string, row: number): unknown => {
    if (schema.$ref !== undefined) {
      const named = document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
      return named === undefined ? null : sample(named, field, row)
    }
    const first = schema.anyOf?.find(({ type }) => type !== 'null')
    if (first !== undefined) return sample(first, field, row)
    const type = typeof schema.type === 'object' ? schema.type[0] : schema.type
    switch (type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, each]) => [name, sample(each, name, row)]),
        )
      case 'array':
        return arrayOf(schema, field, row)
      case 'string':
        return field === 'next' ? null : say(field, row, schema.enum)
      case 'boolean':
        return field.startsWith('is_')
      case undefined:
      default:
        return field === 'at' || field.endsWith('_at') ? A_MOMENT + row : Math.max(1, schema.minimum ?? 1)
    }
  }
  const arrayOf = ({ prefixItems, items }: Schema, field: string, row: number): unknown => {
    if (prefixItems !== undefined) return prefixItems.map((each) => sample(each, field, row))
    const isList = ['rows', 'findings', 'changes', 'channels'].includes(field)
    return Array.from({ length: isList ? rows : 2 }, (_, n) => sample(items ?? {}, field, isList ? n : row))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function operationOf(
  method: string,
  path: string,
): { status: number; schema: Schema | undefined } | undefined {
  for (const [template, operations] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    const operation = pattern.test(path) ? operations[method.toLowerCase()] : undefined
    const [status, answer] = Object.entries(operation?.responses ?? {}).find(([code]) => code < '300') ?? []
    if (status === undefined) continue
    return { status: Number(status), schema: Object.values(answer?.content ?? {})[0]?.schema }
  }
  return undefined
}
