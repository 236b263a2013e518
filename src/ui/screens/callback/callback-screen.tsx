import './callback.css'

import type { CallbackDetail, CallView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { useCall, useCallbackDetail, useRoutes, useStatus } from '../../api/queries.ts'
import { copyText, CopyTextButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Badge } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { go } from '../../place.ts'
import { useKeys } from '../../state/keys.ts'
import { curlOf } from '../../words/curl.ts'
import { resultWords } from '../../words/results.ts'
import { verdictOf } from '../../words/verdict.ts'
import { CallStrip, neighboursOf } from './call-strip.tsx'
import { Chain } from './chain.tsx'
import { Diagnosis } from './diagnosis.tsx'
import { Facts } from './facts.tsx'
import { messageTabs } from './message-tabs.tsx'
import { SignatureDoctor } from './signature-doctor.tsx'
import { Waterfall } from './waterfall.tsx'

const DEFAULT_DEADLINE_MS = 3000

/** One callback: what came, what was tried, what the provider was told. */
export function CallbackScreen({ id }: { readonly id: string }) {
  return (
    <Fetched of={useCallbackDetail(id)} what="the callback" isScreen>
      {(callback) => <Detail callback={callback} />}
    </Fetched>
  )
}

function Detail({ callback }: { readonly callback: CallbackDetail }) {
  const route = useRoutes().data?.rows.find(({ id }) => id === callback.route)
  const publicUrl = useStatus().data?.public_url ?? location.origin
  const call = useCall(callback.call_id).data
  const curl = curlOf(callback, publicUrl)
  const hasLive = callback.attempt_rows.some(({ via }) => via === 'live')
  useKeys({ c: () => void copyText(curl) })
  return (
    <>
      <Head callback={callback} curl={curl} call={call} />
      {call !== undefined && call.callbacks.length > 1 && <CallStrip call={call} current={callback.id} />}
      <Facts callback={callback} />
      <Diagnosis callback={callback} />
      <SignatureDoctor callback={callback} />
      {hasLive && (
        <Panel title="Where the time went">
          <Waterfall callback={callback} deadlineMs={route?.deadline_ms ?? DEFAULT_DEADLINE_MS} />
        </Panel>
      )}
      <div className="columns callback-columns">
        <Panel title="What was tried">
          <Chain callback={callback} />
        </Panel>
        <section className="panel" aria-label="Messages">
          <Tabs label="Messages" tabs={messageTabs(callback, curl)} />
        </section>
      </div>
    </>
  )
}

function Head(props: {
  readonly callback: CallbackDetail
  readonly curl: string
  readonly call: CallView | undefined
}) {
  const { callback, curl, call } = props
  const { tone, word } = resultWords(callback.result)
  return (
    <div className="verdict" data-tone={tone}>
      <div className="verdict-title">
        <Badge tone={tone} word={word} />
        <h1 className="foreign">{callback.event}</h1>
        <span className="soft small">
          <Moment at={callback.received_at} how="full" />
        </span>
        <div className="tools">
          <Neighbours call={call} current={callback.id} />
          <CopyTextButton text={curl} label="Copy as cURL" />
          {callback.route !== '' && callback.result !== 'rejected' && (
            <ReplayButton order={{ ids: [callback.id] }} label="Send again" />
          )}
        </div>
      </div>
      <p className="foreign">{verdictOf(callback)}</p>
    </div>
  )
}

/** To the callback of the same call before and after this one. */
function Neighbours({ call, current }: { readonly call: CallView | undefined; readonly current: string }) {
  const { before, next } = neighboursOf(call, current)
  useKeys({ '[': () => goToCallback(before), ']': () => goToCallback(next) })
  if (before === undefined && next === undefined) return null
  return (
    <span className="neighbours" role="group" aria-label="Callbacks of this call">
      <button
        type="button"
        className="button"
        aria-label="Previous callback of the call"
        title="Previous callback of the call ([)"
        disabled={before === undefined}
        onClick={() => goToCallback(before)}
      >
        <Icon name="before" />
      </button>
      <button
        type="button"
        className="button"
        aria-label="Next callback of the call"
        title="Next callback of the call (])"
        disabled={next === undefined}
        onClick={() => goToCallback(next)}
      >
        <Icon name="next" />
      </button>
    </span>
  )
}

function goToCallback(id: string | undefined): void {
  if (id !== undefined) go(addressOf(['callbacks', id]))
}
