import { addressOf } from '../../address.ts'
import { useStatus } from '../../api/queries.ts'
import { useReplays } from '../../api/rescue-queries.ts'
import { count } from '../../format/amount.ts'
import { Moment } from '../../parts/moment.tsx'
import { SubNav } from '../../parts/sub-nav.tsx'

/** What stands over every screen about callbacks that no handler took at first. */
export function RescueNav() {
  const rescue = useStatus().data?.rescue
  const replays = useReplays().data?.rows.filter(({ state }) => state === 'running').length
  return (
    <>
      <div className="screen-head">
        <h1>Rescue</h1>
        <p className="lead">
          {rescue === undefined || rescue.waiting === 0 ? (
            'Nothing waits for a handler.'
          ) : (
            <>
              <a href={addressOf(['search'], { q: 'status:rescued' })}>{count(rescue.waiting)} wait</a> for
              their handler
              {rescue.oldest_at !== null && (
                <>
                  , the oldest came <Moment at={rescue.oldest_at} how="ago" />
                </>
              )}
              .
            </>
          )}
        </p>
      </div>
      <SubNav
        label="Rescue"
        links={[
          { id: 'dead-letters', label: 'Dead letters', count: rescue?.dead },
          { id: 'replays', label: 'Replays', count: replays },
        ]}
      />
    </>
  )
}
