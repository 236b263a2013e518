import { createHash } from 'node:crypto'

import type { Endpoint } from './endpoint.ts'

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
code{font:0.9em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:0.25rem 0.75rem 0.25rem 0;border-bottom:1px solid #8884}
section{margin:2rem 0}summary{cursor:pointer;padding:0.25rem 0}summary code{font-weight:600}`

/** Nothing runs and nothing is loaded; only this one style applies. */
export const API_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

type Json = Readonly<Record<string, unknown>>

/** The API as a page to read, from the same schemas that check requests: by topic, each operation with its fields. */
export function apiPage(endpoints: readonly Endpoint[], document: Json): string {
  const { schemas } = document['components'] as { readonly schemas: Json }
  const { version } = document['info'] as Json
  const operations = document['paths'] as Readonly<Record<string, Json>>
  const topics = [...new Set(endpoints.map(({ tag }) => tag))]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ringback admin API</title><style>${STYLE}</style></head><body>
<h1>Ringback admin API</h1>
<p>Version ${text(version)}. The same for programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).
Times are milliseconds since the epoch, durations milliseconds. Errors are RFC 9457 problem documents.
Send <code>Authorization: Bearer TOKEN</code>; each of the roles read, replay, admin includes the ones before it.</p>
<nav><ul>${topics.map((topic) => `<li><a href="#${slug(topic)}">${text(topic)}</a></li>`).join('')}</ul></nav>
<main>${topics.map((topic) => topicText(topic, endpoints, operations)).join('\n')}
<section id="schemas"><h2>Schemas</h2>${Object.entries(schemas)
    .map(([name, schema]) => schemaText(name, schema as Json))
    .join('\n')}</section></main></body></html>
`
}

function topicText(
  topic: string,
  endpoints: readonly Endpoint[],
  operations: Readonly<Record<string, Json>>,
): string {
  const found = endpoints.filter(({ tag }) => tag === topic)
  return `<section id="${slug(topic)}"><h2>${text(topic)}</h2>
${found.map((each) => operationText(each, operations[each.path]?.[each.method.toLowerCase()] as Json)).join('\n')}</section>`
}

function operationText({ method, path, summary, role }: Endpoint, operation: Json): string {
  const parameters = (operation['parameters'] ?? []) as readonly Json[]
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${text(place)}${required === true ? ', required' : ''}</td><td>${typeText(schema as Json)}</td><td>${text(description ?? '')}</td></tr>`,
  )
  const body = (operation['requestBody'] as Json | undefined)?.['content'] as Json | undefined
  const answers = Object.entries(operation['responses'] as Json).map(([status, answer]) => {
    const { description, content } = answer as { description: string; content?: Json }
    return `<li>${text(status)}: ${text(description)} ${contentText(content)}</li>`
  })
  return `<details><summary><code>${method} ${text(path)}</code> ${text(summary)}</summary>
<p>Role: ${text(role)}.${body === undefined ? '' : ` Body: ${contentText(body)}.`}</p>
${rows.length === 0 ? '' : `<table><thead><tr><th>Field</th><th>Where</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}
<ul>${answers.join('')}</ul></details>`
}

function contentText(content: Json | undefined): string {
  if (content === undefined) return ''
  return Object.entries(content)
    .map(
      ([type, value]) => `<code>${text(type)}</code> ${typeText(((value as Json)['schema'] ?? {}) as Json)}`,
    )
    .join(', ')
}

function schemaText(name: string, schema: Json): string {
  const required = (schema['required'] ?? []) as readonly string[]
  const rows = Object.entries((schema['properties'] ?? {}) as Json).map(([field, value]) => {
    const { description, ...type } = value as Json
    return `<tr><td><code>${text(field)}</code></td><td>${required.includes(field) ? 'always' : ''}</td><td>${typeText(type)}</td><td>${text(description ?? '')}</td></tr>`
  })
  return `<details id="schema-${text(name)}"><summary><code>${text(name)}</code></summary><table><tbody>${rows.join('')}</tbody></table></details>`
}

/** A type in a few words; what has a name of its own is linked. */
function typeText(schema: Json | undefined): string {
  if (schema === undefined) return ''
  const { $ref: reference, type, enum: values, items, anyOf } = schema
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? ''
    return `<a href="#schema-${text(name)}">${text(name)}</a>`
  }
  if (Array.isArray(values)) return values.map((value) => `<code>${text(value)}</code>`).join(' ')
  if (Array.isArray(anyOf)) return anyOf.map((each) => typeText(each as Json)).join(' or ')
  if (type === 'array') return `list of ${typeText(items as Json)}`
  const rows = (schema['properties'] as Json | undefined)?.['rows']
  return rows === undefined ? text(type ?? '') : `page of ${typeText((rows as Json)['items'] as Json)}`
}

function slug(topic: string): string {
  return topic.toLowerCase().replaceAll(/\W+/g, '-')
}

function text(value: unknown): string {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
