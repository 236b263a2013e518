import { z } from 'zod'

import type { FieldPath } from './problem.ts'
import { fileSchema } from './schema.ts'

/** The parts of JSON Schema that the file's schema uses. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly required?: readonly string[]
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
}

/** The file's schema as JSON Schema draft-7, the newest that YAML editors understand. */
export function fileJsonSchema(): SchemaNode {
  return z.toJSONSchema(fileSchema, { target: 'draft-7', io: 'input' }) as SchemaNode
}

/** The keys that may stand at a place of the file. */
export function keysAt(path: FieldPath): readonly string[] {
  let nodes: readonly SchemaNode[] = [fileJsonSchema()]
  for (const step of path) nodes = nodes.flatMap(variants).flatMap((node) => child(node, step) ?? [])
  return nodes.flatMap(variants).flatMap((node) => Object.keys(node.properties ?? {}))
}

function variants(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(variants)
}

function child(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === 'number') return node.items
  return node.properties?.[step]
}
