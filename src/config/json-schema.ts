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
  for (const step of path) nodes = nodes.flatMap((node) => childrenOf(node, step))
  return nodes.flatMap(variants).flatMap((node) => Object.keys(node.properties ?? {}))
}

/** What may stand under a key or index of a node; several where the schema gives a choice. */
export function childrenOf(node: SchemaNode, step: string | number): readonly SchemaNode[] {
  return variants(node).flatMap((each) => child(each, step) ?? [])
}

/** Is it a reference to a secret? */
export function isSecret({ anyOf = [] }: SchemaNode): boolean {
  return (
    anyOf.length === 2 &&
    anyOf.every((each) => (each.properties?.['env'] ?? each.properties?.['file']) !== undefined)
  )
}

/** Is it a secret, or several while one rotates? */
export function holdsSecrets(node: SchemaNode): boolean {
  return isSecret(node) || (node.anyOf?.some(holdsSecrets) ?? false)
}

/** What a text of the file measures that becomes a number in the configuration; undefined when it does not. */
export function measureOf({ type, description = '' }: SchemaNode): 'duration' | 'size' | undefined {
  if (type !== 'string' || !/From .+ to /.test(description)) return undefined
  return /From \d+(\.\d+)?[kKMGT]?i?B/.test(description) ? 'size' : 'duration'
}

function variants(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(variants)
}

function child(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === 'number') return node.items
  const free = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
  return node.properties?.[step] ?? free
}
