import { useState } from 'react'

import { useRoutes } from '../../api/queries.ts'
import { commonEvents } from '../../words/events.ts'
import { outcomeNames } from '../../words/outcomes.ts'
import { resultNames } from '../../words/results.ts'

/** The one box; what was typed is searched for when Enter is pressed or a proposal is taken. */
export function SearchBox({
  text,
  onSearch,
}: {
  readonly text: string
  readonly onSearch: (text: string) => void
}) {
  const [draft, setDraft] = useState(text)
  const routes = useRoutes().data?.rows.map(({ id }) => id) ?? []
  const proposals = proposalsFor(draft, routes)
  const take = (proposal: string): void => {
    const words = draft.trimEnd().split(/\s+/).slice(0, -1)
    const next = [...words, proposal].join(' ')
    setDraft(next)
    if (!proposal.endsWith(':')) onSearch(next)
  }
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(draft.trim())
      }}
    >
      <input
        className="field search-field"
        type="search"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        placeholder="Call id, or route: status: class: event: since: is:failed"
        aria-label="Search callbacks"
        autoComplete="off"
        spellCheck={false}
        autoFocus
      />
      {proposals.length > 0 && (
        <div className="chips proposals" role="group" aria-label="Complete the word">
          {proposals.map((proposal) => (
            <button key={proposal} type="button" className="chip mono" onClick={() => take(proposal)}>
              {proposal}
            </button>
          ))}
        </div>
      )}
    </form>
  )
}

const MOST_PROPOSALS = 8
const names = ['route:', 'status:', 'class:', 'event:', 'call:', 'since:', 'until:', 'is:']

/** How the word under way may go on. */
function proposalsFor(draft: string, routes: readonly string[]): readonly string[] {
  const word = draft.endsWith(' ') ? '' : (draft.split(/\s+/).at(-1) ?? '')
  if (word === '') return []
  const [name = '', value] = word.split(':', 2)
  if (value === undefined) return names.filter((each) => each.startsWith(name.toLowerCase()))
  const values: Readonly<Record<string, readonly string[]>> = {
    route: routes,
    status: [...resultNames, '5xx', '4xx', '3xx'],
    class: outcomeNames,
    event: commonEvents,
    since: ['15m', '1h', '24h', '7d'],
    until: ['1h', '24h'],
    is: ['failed', 'rescued', 'dead'],
  }
  const known = values[name] ?? []
  return known
    .filter((each) => each.startsWith(value) && each !== value)
    .slice(0, MOST_PROPOSALS)
    .map((each) => `${name}:${each}`)
}
