import { commonEvents } from '../../words/events.ts'
import { outcomeNames, outcomeWords } from '../../words/outcomes.ts'
import { resultNames, resultWords } from '../../words/results.ts'
import { tokenHelp } from './query-text.ts'

/** How the word under way may go on. */
export interface Proposal {
  /** The whole word. */
  readonly word: string
  /** What it means, in a few words; may be empty. */
  readonly meaning: string
}

const MOST_PROPOSALS = 9

/** Proposals for the last word of a draft; all names of filters when a new word begins. */
export function proposalsFor(draft: string, routes: readonly string[]): readonly Proposal[] {
  const word = draft === '' || /\s$/.test(draft) ? '' : (draft.split(/\s+/).at(-1) ?? '')
  const colon = word.indexOf(':')
  const found = colon === -1 ? names(word.toLowerCase()) : values(word, colon, routes)
  return found.filter((proposal) => proposal.word !== word).slice(0, MOST_PROPOSALS)
}

/** The draft with its last word completed; a value is followed by a space, because it is done. */
export function withProposal(draft: string, word: string): string {
  const before = /\s$/.test(draft) ? draft.trimEnd().split(/\s+/) : draft.split(/\s+/).slice(0, -1)
  return [...before.filter((each) => each !== ''), word].join(' ') + (word.endsWith(':') ? '' : ' ')
}

function names(start: string): readonly Proposal[] {
  return tokenHelp.filter(([name]) => name.startsWith(start)).map(([word, meaning]) => ({ word, meaning }))
}

function values(word: string, colon: number, routes: readonly string[]): readonly Proposal[] {
  const name = word.slice(0, colon).toLowerCase()
  const start = word.slice(colon + 1).toLowerCase()
  const known = valuesOf(routes)
  const offered = Object.hasOwn(known, name) ? (known[name] ?? []) : []
  return offered
    .filter(([value]) => value.toLowerCase().includes(start))
    .toSorted(([a], [b]) => rank(a, start) - rank(b, start))
    .map(([value, meaning]) => ({ word: `${name}:${value}`, meaning }))
}

/** What begins with what was typed stands before what only holds it. */
function rank(value: string, start: string): number {
  return value.toLowerCase().startsWith(start) ? 0 : 1
}

type Values = readonly (readonly [value: string, meaning: string])[]

function valuesOf(routes: readonly string[]): Readonly<Record<string, Values>> {
  const results: Values = resultNames.map((name) => [name, resultWords(name).word])
  return {
    route: routes.map((id) => [id, '']),
    status: [
      ...results,
      ['5xx', 'the handler’s status'],
      ['4xx', 'the handler’s status'],
      ['429', 'the handler’s status'],
      ['3xx', 'the handler’s status'],
      ['2xx', 'the handler’s status'],
    ],
    class: outcomeNames.map((name) => [name, outcomeWords(name)?.label ?? '']),
    event: commonEvents.map((name) => [name, '']),
    since: [
      ['15m', 'the last 15 minutes'],
      ['1h', 'the last hour'],
      ['24h', 'the last day'],
      ['7d', 'the last week'],
    ],
    until: [
      ['1h', 'older than an hour'],
      ['24h', 'older than a day'],
    ],
    is: [['failed', 'failed, rescued, dead or not let in'], ...results.filter(([name]) => name !== 'failed')],
    has: [['retry', 'more than one attempt']],
  }
}
