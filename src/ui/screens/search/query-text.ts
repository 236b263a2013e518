import { outcomeNames } from '../../words/outcomes.ts'
import { resultNames } from '../../words/results.ts'

/** One word of the search box, as it was understood. */
export interface Token {
  readonly text: string
  /** What it asks the API for; empty when it was not understood. */
  readonly asks: Readonly<Record<string, string>>
  /** Why it was not understood. */
  readonly problem: string
}

/** What can be written before a colon, for the help below the box. */
export const tokenHelp = [
  ['call:', 'a call id; so does a word alone', 'call:3f1c…'],
  ['route:', 'id of a route', 'route:app-12345'],
  ['event:', 'long or short name', 'event:call.completed'],
  ['status:', 'what became of it, or the class of the handler’s status', 'status:failed, status:5xx'],
  ['class:', 'outcome of the last attempt', 'class:timeout_response'],
  ['since:', 'how far back, or a time', 'since:2h, since:2026-11-23T14:00Z'],
  ['until:', 'the same, for the end', 'until:1h'],
  ['is:', 'what became of it; failed is all that went wrong', 'is:failed'],
  ['has:', 'retry: more than one attempt was made', 'has:retry'],
] as const

const statusClasses: Readonly<Record<string, string>> = {
  '2xx': 'ok',
  '3xx': 'http_3xx',
  '4xx': 'http_4xx',
  '429': 'http_429',
  '5xx': 'http_5xx',
}

/** Reads the words of the search box. */
export function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(/[^\s"]*"[^"]*"|\S+/g)].map(([word]) => tokenOf(word))
}

/** The API's filter for words that were understood; a later one of a kind wins. */
export function filterOf(tokens: readonly Token[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...tokens.map(({ asks }) => asks)) as Record<string, string>
}

/** Where everything that fits can be downloaded. */
export function exportAddress(tokens: readonly Token[], format: 'csv' | 'ndjson'): string {
  const query = new URLSearchParams({ ...filterOf(tokens), format })
  return `./api/v1/callbacks/export?${query.toString()}`
}

function tokenOf(text: string): Token {
  const colon = text.indexOf(':')
  const name = colon === -1 ? 'call' : text.slice(0, colon).toLowerCase()
  const value = text.slice(colon + 1).replaceAll('"', '')
  const read = (asks: Readonly<Record<string, string>>): Token => ({ text, asks, problem: '' })
  const wrong = (problem: string): Token => ({ text, asks: {}, problem })
  if (value === '') return wrong(`${name}: needs a value`)
  switch (name) {
    case 'call':
      return read({ call_id: value })
    case 'route':
    case 'event':
    case 'since':
    case 'until':
      return read({ [name]: value })
    case 'status':
      return statusToken(value, { read, wrong })
    case 'class':
      return outcomeNames.includes(value)
        ? read({ outcome: value })
        : wrong(`class: knows ${outcomeNames.join(', ')}`)
    case 'is':
      return isToken(value, { read, wrong })
    case 'has':
      return value === 'retry' ? read({ retried: 'true' }) : wrong('has: knows retry')
    default:
      // A call id may hold a colon.
      return read({ call_id: text.replaceAll('"', '') })
  }
}

interface Makers {
  readonly read: (asks: Readonly<Record<string, string>>) => Token
  readonly wrong: (problem: string) => Token
}

function statusToken(value: string, { read, wrong }: Makers): Token {
  if (resultNames.includes(value)) return read({ result: value })
  const outcome = statusClasses[value]
  if (outcome !== undefined) return read({ outcome })
  return wrong(`status: knows ${[...resultNames, ...Object.keys(statusClasses)].join(', ')}`)
}

function isToken(value: string, { read, wrong }: Makers): Token {
  if (value === 'failed') return read({ failed: 'true' })
  if (resultNames.includes(value)) return read({ result: value })
  return wrong(`is: knows failed, ${resultNames.join(', ')}`)
}
