import { eventNames, NO_EVENT, OTHER_EVENT } from '../callback/event.ts'
import { completeExample } from './complete-example.ts'
import { fileJsonSchema, isSecret, measureOf, type SchemaNode } from './json-schema.ts'

/** docs/config.schema.json: JSON Schema draft-7 for editors. */
export function configSchemaJson(): string {
  return `${JSON.stringify({ title: 'Ringback configuration', ...fileJsonSchema() }, undefined, 2)}\n`
}

/** docs/configuration.md: every key with its type, default and meaning, and a complete file at the end. */
export function configurationMarkdown(): string {
  const root = fileJsonSchema()
  const properties = Object.entries(root.properties ?? {})
  const plain = properties.filter(([, node]) => groupOf(node) === undefined)
  const groups = properties.filter(([, node]) => groupOf(node) !== undefined)
  return [
    introduction,
    '## Top level\n',
    table(plain, root.required ?? []),
    ...groups.map(([key, node]) => section(key, node, 2)),
    events(),
    `## A complete example\n\n\`\`\`yaml\n${completeExample.trim()}\n\`\`\`\n`,
  ].join('\n')
}

const introduction = `# Configuration

<!-- Written by a program from src/config/schema.ts; edit that and run \`npm run docs\`. -->

Ringback reads one YAML 1.2 file, \`ringback.yaml\` unless \`--config FILE\` says otherwise. Unknown keys are errors.
\`ringback check\` shows all problems of a file at once, each with its line and a remedy; \`ringback init\` writes a first file.

- **Durations** are written \`500ms\`, \`3s\`, \`1h30m\`, \`30d\`; **sizes** \`64KiB\`, \`20GB\`.
- **Secrets** are never written into the file: \`{ env: NAME }\` names an environment variable, \`{ file: PATH }\` a file.
  A file \`.env\` beside the configuration completes the environment, for the daemon and for every command; what is set wins.
  Keys of accounts can be lists while a rotation is under way: any of them verifies, the first one signs.
- **Policy keys** (\`deadline\`, \`on_failure\`, \`reply\`, \`signature\`, \`static_reply\`, \`consecutive_failures\`) can stand at an
  application, trunk or route, and at an account for all of its own; the most specific one that is set counts, \`defaults\` last.
- **Relative paths** start at the working directory.
- SIGHUP or \`POST /api/v1/reload\` reads the file again. A file with a problem changes nothing.
- \`# yaml-language-server: $schema=…/docs/config.schema.json\` in the first line gives completion in editors.
`

/** A mapping, or a list of mappings, gets a section of its own. */
function groupOf(node: SchemaNode): SchemaNode | undefined {
  if (node.properties !== undefined) return node
  return node.items?.properties === undefined ? undefined : node.items
}

function section(path: string, node: SchemaNode, depth: number): string {
  const group = groupOf(node) ?? node
  const isList = node.items !== undefined
  const entries = Object.entries(group.properties ?? {})
  const name = isList ? `${path}[]` : path
  return [
    `${'#'.repeat(Math.min(depth, 4))} \`${name}\`\n`,
    `${node.description ?? ''}${isList ? ' A list.' : ''}\n`,
    table(entries, group.required ?? []),
    ...entries
      .filter(([, child]) => groupOf(child) !== undefined)
      .map(([key, child]) => section(`${name}.${key}`, child, depth + 1)),
  ].join('\n')
}

function table(entries: readonly (readonly [string, SchemaNode])[], required: readonly string[]): string {
  const rows = entries.map(([key, node]) => {
    const fallback = required.includes(key) ? '**required**' : shownDefault(node)
    return `| \`${key}\` | ${typeOf(node)} | ${fallback} | ${cell(node.description ?? '')} |`
  })
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

function shownDefault(node: SchemaNode): string {
  const value = node.default
  if (value === undefined || (groupOf(node) !== undefined && node.items === undefined)) return ''
  if (Array.isArray(value)) return `\`[${value.join(', ')}]\``
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function typeOf(node: SchemaNode): string {
  if (isSecret(node)) return 'secret'
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ')
  if (node.enum !== undefined) return node.enum.map((each) => `\`${String(each)}\``).join(', ')
  if (node.type === 'array')
    return `list of ${node.items === undefined ? 'values' : plural(typeOf(node.items))}`
  if (node.type === 'integer') return rangeOf(node)
  if (node.type === 'string') return measureOf(node) ?? 'text'
  if (node.type === 'object') return node.properties === undefined ? 'mapping' : 'section'
  return node.type ?? 'value'
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return `number, ${minimum ?? 0}${isBounded ? ` to ${maximum}` : ' or more'}`
}

function plural(type: string): string {
  return type.startsWith('`') ? type : `${type}s`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function events(): string {
  const names = eventNames.filter((name) => name !== NO_EVENT && name !== OTHER_EVENT)
  return [
    '## Events\n',
    'Filters take these names; a short name stands for its long one (`answered` for `call.answered`). A filter on a dotted',
    'name also takes the voice callbacks of the same meaning (`call.completed` takes `Hangup`).\n',
    `${names.map((name) => `\`${name}\``).join(', ')}\n`,
  ].join('\n')
}
