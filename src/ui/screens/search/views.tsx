import { type FormEvent, useState } from 'react'

import { Icon } from '../../parts/icons.tsx'
import { removeView, saveView, useSavedViews } from './saved-views.ts'

const ready = [
  ['Failed today', 'is:failed since:24h'],
  ['Not let in', 'status:rejected'],
  ['Server errors', 'status:5xx since:24h'],
  ['Too slow', 'class:timeout_response'],
  ['Waiting for rescue', 'status:rescued'],
] as const

interface ViewProps {
  /** The search that is shown. */
  readonly text: string
  readonly onSearch: (text: string) => void
}

/** Ready-made searches, those that were kept, and the way to keep this one. */
export function Views({ text, onSearch }: ViewProps) {
  const saved = useSavedViews()
  const isKnown = saved.some(({ query }) => query === text) || ready.some(([, query]) => query === text)
  return (
    <div className="views">
      <div className="chips" role="group" aria-label="Ready-made searches">
        {ready.map(([label, query]) => (
          <button
            key={label}
            type="button"
            className="chip"
            aria-pressed={text === query}
            onClick={() => onSearch(text === query ? '' : query)}
          >
            {label}
          </button>
        ))}
      </div>
      <Saved text={text} onSearch={onSearch} />
      {text !== '' && !isKnown && <Keep text={text} />}
    </div>
  )
}

function Saved({ text, onSearch }: ViewProps) {
  const saved = useSavedViews()
  if (saved.length === 0) return null
  return (
    <div className="chips" role="group" aria-label="Saved searches">
      {saved.map(({ name, query }) => (
        <span key={name} className="saved-view">
          <button
            type="button"
            className="chip"
            aria-pressed={text === query}
            title={query}
            onClick={() => onSearch(query)}
          >
            <Icon name="star" />
            <span className="clip foreign">{name}</span>
          </button>
          {text === query && (
            <button
              type="button"
              className="copy"
              aria-label={`Forget the saved search ${name}`}
              title="Forget this saved search"
              onClick={() => removeView(name)}
            >
              <Icon name="close" />
            </button>
          )}
        </span>
      ))}
    </div>
  )
}

/** Keeps the search that is shown, under a name. */
function Keep({ text }: { readonly text: string }) {
  const [name, setName] = useState<string>()
  if (name === undefined) {
    return (
      <button type="button" className="button quiet tight" onClick={() => setName('')}>
        <Icon name="star" />
        Save this search
      </button>
    )
  }
  const keep = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') saveView({ name: name.trim(), query: text })
    setName(undefined)
  }
  return (
    <form className="row" onSubmit={keep}>
      <input
        className="field"
        aria-label="Name of the saved search"
        placeholder="Name"
        maxLength={40}
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setName(undefined)
        }}
      />
      <button type="submit" className="button">
        Save
      </button>
    </form>
  )
}
