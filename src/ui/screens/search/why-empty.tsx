import { useQuery } from '@tanstack/react-query'

import { fitsAny } from '../../api/queries.ts'
import { Empty, Loading } from '../../parts/notes.tsx'
import { filterOf, type Token } from './query-text.ts'

interface Reason {
  /** The words without which something would be found. */
  readonly culprits: readonly Token[]
  readonly hasAnything: boolean
}

/** Says which word emptied the result: for each, would there be anything without it? */
export function WhyEmpty(props: {
  readonly tokens: readonly Token[]
  readonly onRemove: (token: Token) => void
}) {
  const { tokens, onRemove } = props
  const { data } = useQuery({
    queryKey: ['why-empty', tokens.map(({ text }) => text)],
    queryFn: () => reasonFor(tokens),
  })
  if (data === undefined) return <Loading what="the reason" />
  if (!data.hasAnything) {
    return (
      <Empty icon="search" title="The ledger is empty">
        <p>Nothing has come yet, so there is nothing to find.</p>
      </Empty>
    )
  }
  const actions = data.culprits.map((token) => (
    <button key={token.text} type="button" className="button" onClick={() => onRemove(token)}>
      Without <code className="foreign">{token.text}</code>
    </button>
  ))
  return (
    <Empty icon="search" title="Nothing fits" actions={actions}>
      <p>
        {data.culprits.length === 0
          ? 'No single word is to blame: leaving out any one of them finds nothing either.'
          : 'There is something to be found without:'}
      </p>
    </Empty>
  )
}

async function reasonFor(tokens: readonly Token[]): Promise<Reason> {
  const asking = tokens.filter(({ problem }) => problem === '')
  const [hasAnything, withoutEach] = await Promise.all([
    fitsAny({}),
    Promise.all(asking.map((token) => fitsAny(filterOf(asking.filter((each) => each !== token))))),
  ])
  return { hasAnything, culprits: asking.filter((_, at) => withoutEach[at] === true) }
}
