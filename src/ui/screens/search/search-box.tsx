import { type KeyboardEvent, useId, useState } from 'react'

import { useRoutes } from '../../api/queries.ts'
import { Icon } from '../../parts/icons.tsx'
import { type Proposal, proposalsFor, withProposal } from './complete.ts'

/** The one box; what was typed is searched for when Enter is pressed, and the word under way can be completed. */
export function SearchBox(props: { readonly text: string; readonly onSearch: (text: string) => void }) {
  const list = useId()
  const { draft, proposals, at, change, take, pressed, setOpen } = useCompletion(props.text)
  const chosen = proposals[at]
  return (
    <form
      role="search"
      className="search-box"
      onSubmit={(event) => {
        event.preventDefault()
        setOpen(false)
        props.onSearch(draft.trim())
      }}
    >
      <Icon name="search" />
      <input
        className="field search-field"
        type="search"
        role="combobox"
        value={draft}
        onChange={(event) => change(event.target.value)}
        onKeyDown={pressed}
        onFocus={() => setOpen(draft === '')}
        onBlur={() => setOpen(false)}
        placeholder="Call id, or route: status: class: event: since: is:failed has:retry"
        aria-label="Search callbacks"
        aria-autocomplete="list"
        aria-expanded={proposals.length > 0}
        aria-controls={list}
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${at}`}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
      />
      <Proposals id={list} proposals={proposals} at={at} onTake={take} />
    </form>
  )
}

/** The draft, how its last word may go on, and the keys that choose among that. */
function useCompletion(text: string) {
  const [draft, setDraft] = useState(draftOf(text))
  const [searched, setSearched] = useState(text)
  // Another search came from elsewhere, such as a saved one; the box keeps the focus if it has it.
  if (searched !== text) {
    setSearched(text)
    setDraft(draftOf(text))
  }
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const routes = useRoutes().data?.rows.map(({ id }) => id) ?? []
  const proposals = isOpen ? proposalsFor(draft, routes) : []
  const change = (next: string): void => {
    setDraft(next)
    setOpen(true)
    setAt(-1)
  }
  const take = ({ word }: Proposal): void => change(withProposal(draft, word))
  const pressed = (event: KeyboardEvent): void => {
    const isStep = event.key === 'ArrowDown' || event.key === 'ArrowUp'
    const chosen = proposals[at]
    if (event.key === 'Escape' && isOpen) setOpen(false)
    else if (isStep && proposals.length === 0) setOpen(true)
    else if (isStep) setAt(step(at, event.key === 'ArrowDown' ? 1 : -1, proposals.length))
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) take(chosen)
    else return
    event.preventDefault()
  }
  return { draft, proposals, at, change, take, pressed, setOpen }
}

/** The list below the box; the box keeps the focus and says which one is meant. */
function Proposals(props: {
  readonly id: string
  readonly proposals: readonly Proposal[]
  readonly at: number
  readonly onTake: (proposal: Proposal) => void
}) {
  const { id, proposals, at, onTake } = props
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="Complete the word"
      className="proposals"
      hidden={proposals.length === 0}
    >
      {proposals.map((proposal, index) => (
        <li
          key={proposal.word}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          // Before the box loses the focus, which would close the list.
          onPointerDown={(event) => {
            event.preventDefault()
            onTake(proposal)
          }}
        >
          <span className="mono foreign clip">{proposal.word}</span>
          <span className="faint clip">{proposal.meaning}</span>
        </li>
      ))}
    </ul>
  )
}

/** Ready for the next word. */
function draftOf(text: string): string {
  return text === '' ? '' : `${text} `
}

/** One on, around the ends; -1 is the box itself. */
function step(at: number, by: 1 | -1, count: number): number {
  const next = at + by
  if (next >= count) return -1
  return next < -1 ? count - 1 : next
}
