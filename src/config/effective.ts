import { childrenOf, fileJsonSchema, holdsSecrets, measureOf, type SchemaNode } from './json-schema.ts'
import type { LoadedConfig } from './load.ts'
import { fieldName, type FieldPath } from './problem.ts'
import { inForce, isSame, nameOf, needsRestart } from './reload.ts'
import type { Config } from './schema.ts'
import { inheritedKeys } from './schema/handlers.ts'
import { Secret } from './secret.ts'
import { formatDuration, formatSize } from './units.ts'

type Scalar = string | number | boolean

/** One setting as it is in force. */
export interface Setting {
  /** Entries of lists by their id, such as `accounts.MA_TEST123.auth_token`. */
  readonly field: string
  /** As the file would write it; undefined where nothing is set. Of a secret nothing is ever here. */
  readonly value: Scalar | readonly Scalar[] | undefined
  readonly isSecret: boolean
  /** Where a secret comes from, such as `env VOBIZ_AUTH_TOKEN`; several while it rotates; empty when it is not set. */
  readonly secretFrom: readonly string[]
  /** Line that sets it, from 1; undefined when a default stands in. */
  readonly line: number | undefined
  /** The setting that it takes its value from, such as `defaults.deadline`; empty when it has its own. */
  readonly inheritedFrom: string
  readonly needsRestart: boolean
  /** The file says something else by now, which begins with the next start. */
  readonly waitsForRestart: boolean
  /** The sentence of the reference; may be empty. */
  readonly doc: string
}

/**
 * Every setting in force, in the order of the schema, with where each came from. Credentials in URLs are masked.
 *
 * @param started what the daemon was started with, to which it keeps where a change waits for a restart
 */
export function effectiveSettings(loaded: LoadedConfig, started: Config = loaded.config): readonly Setting[] {
  const running = inForce(started, loaded.config)
  const walk = new Walk(loaded, running)
  walk.mapping(running, { at: [], named: [], nodes: [fileJsonSchema()] })
  return walk.found
}

/** A place of the configuration: by index, as the file has it; by name, as people are told; what the schema says of it. */
interface Place {
  readonly at: FieldPath
  readonly named: FieldPath
  readonly nodes: readonly SchemaNode[]
}

type Mapping = Readonly<Record<string, unknown>>

class Walk {
  readonly found: Setting[] = []
  readonly #loaded: LoadedConfig
  readonly #running: Config

  constructor(loaded: LoadedConfig, running: Config) {
    this.#loaded = loaded
    this.#running = running
  }

  mapping(value: Mapping, place: Place): void {
    const known = place.nodes.flatMap((node) => Object.keys(node.properties ?? {}))
    for (const key of new Set([...known, ...Object.keys(value)])) {
      const inner = below(place, key, key)
      const either = value[key] ?? valueIn(this.#loaded.config, inner.at)
      if (either !== undefined) this.#visit(either, inner)
      else if (inner.nodes.some(holdsSecrets)) this.#add(inner, undefined)
      else if (inheritedKeys.includes(key)) this.#inherited(inner)
    }
  }

  #visit(value: unknown, place: Place): void {
    if (Array.isArray(value) && value.some(isMapping)) {
      for (const [index, item] of value.entries()) {
        if (isMapping(item)) this.mapping(item, below(place, index, nameOf(item) ?? index))
      }
    } else if (isMapping(value)) {
      this.mapping(value, place)
    } else {
      this.#add(place, value)
    }
  }

  /** A policy key that an entry leaves to its account, or the account to `defaults`. */
  #inherited(place: Place): void {
    const source = this.#sourceOf(place.at)
    const value = source === undefined ? undefined : valueIn(this.#loaded.config, source)
    if (source !== undefined && value !== undefined) this.#add(place, value, source)
  }

  #sourceOf(at: FieldPath): FieldPath | undefined {
    const key = String(at.at(-1))
    const account = this.#accountOf(at)
    const general = key === 'consecutive_failures' ? ['alerts', key] : ['defaults', key]
    const candidates = account === undefined ? [general] : [[...account, key], general]
    return candidates.find((each) => valueIn(this.#loaded.config, each) !== undefined)
  }

  /** The account whose policy an entry falls back to; undefined for the account itself. */
  #accountOf([list, index, part]: FieldPath): FieldPath | undefined {
    const { accounts, routes } = this.#loaded.config
    if (list === 'accounts')
      return part === 'applications' || part === 'trunks' ? [list, index ?? 0] : undefined
    const named = accounts.findIndex(({ id }) => id === routes[Number(index)]?.account)
    return named < 0 ? undefined : ['accounts', named]
  }

  #add(place: Place, value: unknown, source?: FieldPath): void {
    const field = fieldName(place.named)
    const isHidden = isSecretValue(value) || isHeader(place.at)
    const origin = source ?? place.at
    const running = valueIn(this.#running, origin)
    const waitsForRestart = !isSame(running, valueIn(this.#loaded.config, origin))
    // What only begins with the next start is set to nothing until then.
    const { places } = this.#loaded
    const isNone = waitsForRestart && running === undefined
    this.found.push({
      field,
      value: isHidden || isNone ? undefined : shown(value, place.nodes),
      isSecret: isHidden,
      secretFrom: isHidden ? sourcesOf(value) : [],
      line: places.has(origin) ? places.positionOf(origin).line : undefined,
      inheritedFrom: source === undefined ? '' : fieldName(namedPath(this.#loaded.config, source)),
      needsRestart: needsRestart(field) || waitsForRestart,
      waitsForRestart,
      doc: place.nodes.find(({ description }) => description !== undefined)?.description ?? '',
    })
  }
}

function below({ at, named, nodes }: Place, step: string | number, name: string | number): Place {
  return {
    at: [...at, step],
    named: [...named, name],
    nodes: nodes.flatMap((node) => childrenOf(node, step)),
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)
}

/** Headers for handlers may hold keys also where they are written as plain text. */
function isHeader(at: FieldPath): boolean {
  return at.slice(0, -1).some((step) => String(step).endsWith('headers'))
}

/** Only secrets are listed where nothing is set. */
function isSecretValue(value: unknown): boolean {
  return (
    value === undefined || value instanceof Secret || (Array.isArray(value) && value[0] instanceof Secret)
  )
}

function sourcesOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (value instanceof Secret) return [value.source]
  return Array.isArray(value) ? value.flatMap(sourcesOf) : ['the file']
}

function valueIn(config: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((value, step) => (value as Mapping | undefined)?.[step], config)
}

function namedPath(config: unknown, path: FieldPath): FieldPath {
  return path.map((step, index) =>
    typeof step === 'number' ? (nameOf(valueIn(config, path.slice(0, index + 1))) ?? step) : step,
  )
}

function shown(value: unknown, nodes: readonly SchemaNode[]): Scalar | readonly Scalar[] {
  if (!Array.isArray(value)) return scalar(value, nodes)
  const items = nodes.flatMap((node) => childrenOf(node, 0))
  return value.map((item) => scalar(item, items))
}

function scalar(value: unknown, nodes: readonly SchemaNode[]): Scalar {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'number') return withoutCredentials(String(value))
  switch (nodes.map(measureOf).find((measure) => measure !== undefined)) {
    case 'duration':
      return formatDuration(value)
    case 'size':
      return formatSize(value)
    case undefined:
      return value
  }
}

/** User, password and the values of a query are masked in whatever looks like a URL. */
function withoutCredentials(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text
  return text.replace(/:\/\/[^/?#]*@/, '://***@').replace(/([?&][^=&#]*)=[^&#]*/g, '$1=***')
}
