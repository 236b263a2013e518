import './search.css'

import { useSearch } from '../../api/queries.ts'
import { plural } from '../../format/amount.ts'
import { CallbackTable } from '../../parts/callback-table.tsx'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { useRowKeys } from '../../state/keys.ts'
import { exportAddress, filterOf, type Token, tokenHelp, tokensOf } from './query-text.ts'
import { SearchBox } from './search-box.tsx'
import { Views } from './views.tsx'
import { WhyEmpty } from './why-empty.tsx'

/** Everything in the ledger, narrowed by words. */
export function SearchScreen() {
  const place = usePlace()
  const text = place.params.get('q') ?? ''
  const tokens = tokensOf(text)
  const problems = tokens.filter(({ problem }) => problem !== '')
  const searchFor = (q: string): void => changeParams(place, { q })
  useRowKeys()
  return (
    <>
      <div className="screen-head">
        <h1>Search</h1>
        <p className="lead">Every callback in the ledger, newest first.</p>
      </div>
      <div className="search-head">
        <SearchBox text={text} onSearch={searchFor} />
        <Views text={text} onSearch={searchFor} />
      </div>
      {problems.map(({ text: word, problem }) => (
        <Warning key={word}>
          <code className="foreign">{word}</code>: {problem}
        </Warning>
      ))}
      {problems.length === 0 && <Results tokens={tokens} onSearch={searchFor} />}
      <Words />
    </>
  )
}

function Results(props: { readonly tokens: readonly Token[]; readonly onSearch: (text: string) => void }) {
  const { tokens, onSearch } = props
  const search = useSearch(filterOf(tokens))
  const remove = (gone: Token): void =>
    onSearch(tokens.flatMap((token) => (token.text === gone.text ? [] : [token.text])).join(' '))
  return (
    <section className="panel" aria-label="Results">
      <Fetched of={search} what="callbacks">
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.rows)
          if (rows.length === 0) return <WhyEmpty tokens={tokens} onRemove={remove} />
          return (
            <>
              <CallbackTable rows={rows} label="Found callbacks" />
              <Foot count={rows.length} search={search} tokens={tokens} />
            </>
          )
        }}
      </Fetched>
    </section>
  )
}

function Foot(props: {
  readonly count: number
  readonly search: ReturnType<typeof useSearch>
  readonly tokens: readonly Token[]
}) {
  const { count, search, tokens } = props
  return (
    <div className="panel-foot">
      <span className="soft" role="status">
        {plural(count, 'callback')}
        {search.hasNextPage ? ' so far' : ', that is all'}
      </span>
      {search.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={search.isFetchingNextPage}
          onClick={() => void search.fetchNextPage()}
        >
          Older ones
        </button>
      )}
      <span className="row">
        <span className="faint">All of them as</span>
        <a href={exportAddress(tokens, 'csv')} download>
          CSV
        </a>
        <a href={exportAddress(tokens, 'ndjson')} download>
          NDJSON
        </a>
      </span>
    </div>
  )
}

function Words() {
  return (
    <details className="soft words">
      <summary>What can be written in the box</summary>
      <dl className="pairs">
        {tokenHelp.map(([name, meaning, example]) => (
          <div key={name} className="word">
            <dt className="mono">{name}</dt>
            <dd>
              {meaning}: <code>{example}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
