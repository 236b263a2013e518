import './rescue.css'

import { useState } from 'react'

import type { DeadLetter } from '../../../admin/api.ts'
import { useDeadLetters } from '../../api/rescue-queries.ts'
import { plural } from '../../format/amount.ts'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RouteChoice } from '../../parts/route-choice.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { useRowKeys } from '../../state/keys.ts'
import { DeadLetterTable } from './dead-letter-table.tsx'
import { LetterTools } from './letter-tools.tsx'
import { RescueNav } from './rescue-nav.tsx'

/** Callbacks that were given up: let them wait again, send them now, or give them up for good. */
export function DeadLettersScreen() {
  const place = usePlace()
  const route = place.params.get('route') ?? ''
  useRowKeys()
  return (
    <>
      <RescueNav />
      <Letters
        key={route}
        route={route}
        choice={<RouteChoice route={route} onChange={(id) => changeParams(place, { route: id })} />}
      />
    </>
  )
}

function Letters({ route, choice }: { readonly route: string; readonly choice: React.ReactNode }) {
  const letters = useDeadLetters(route)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const rows = letters.data?.pages.flatMap((page) => page.rows) ?? []
  const ids = rows.filter(({ id }) => chosen.has(id)).map(({ id }) => id)
  return (
    <Panel
      title="Dead letters"
      note={ids.length > 0 ? `${ids.length} chosen` : 'newest first'}
      tools={
        <>
          {choice}
          <LetterTools ids={ids} onMoved={() => setChosen(new Set())} />
        </>
      }
      isFlush
    >
      <Fetched of={letters} what="dead letters">
        {() =>
          rows.length === 0 ? (
            <NoLetters isNarrowed={route !== ''} />
          ) : (
            <>
              <DeadLetterTable rows={rows} chosen={chosen} onChoose={setChosen} />
              <Foot rows={rows} letters={letters} />
            </>
          )
        }
      </Fetched>
    </Panel>
  )
}

function NoLetters({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return (
    <Empty icon="good" title={isNarrowed ? 'No dead letters of this route' : 'No dead letters'}>
      <p>
        What a handler refuses for good, or never takes in the whole schedule of rescue, ends here with its
        bytes.
      </p>
    </Empty>
  )
}

function Foot(props: {
  readonly rows: readonly DeadLetter[]
  readonly letters: ReturnType<typeof useDeadLetters>
}) {
  const { rows, letters } = props
  return (
    <div className="panel-foot">
      <span className="soft" role="status">
        {plural(rows.length, 'dead letter')}
        {letters.hasNextPage ? ' so far' : ', that is all'}
      </span>
      {letters.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={letters.isFetchingNextPage}
          onClick={() => void letters.fetchNextPage()}
        >
          Older ones
        </button>
      )}
    </div>
  )
}
