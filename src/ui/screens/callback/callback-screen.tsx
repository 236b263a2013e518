import type { CallbackDetail } from '../../../admin/api.ts'
import { useCallbackDetail, useRoutes, useStatus } from '../../api/queries.ts'
import { bytes } from '../../format/amount.ts'
import { CopyButton, copyText } from '../../parts/copy.tsx'
import { MessageView } from '../../parts/message-view.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Badge } from '../../parts/mark.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { addressOf } from '../../place.ts'
import { useKeys } from '../../state/keys.ts'
import { curlOf } from '../../words/curl.ts'
import { resultWords } from '../../words/results.ts'
import { verdictOf } from '../../words/verdict.ts'
import { Chain } from './chain.tsx'
import { Diagnosis } from './diagnosis.tsx'
import { Waterfall } from './waterfall.tsx'

const DEFAULT_DEADLINE_MS = 3000

/** One callback: what came, what was tried, what the provider was told. */
export function CallbackScreen({ id }: { readonly id: string }) {
  return (
    <Fetched of={useCallbackDetail(id)} what="the callback">
      {(callback) => <Detail callback={callback} />}
    </Fetched>
  )
}

function Detail({ callback }: { readonly callback: CallbackDetail }) {
  const route = useRoutes().data?.rows.find(({ id }) => id === callback.route)
  const publicUrl = useStatus().data?.public_url ?? location.origin
  const curl = curlOf(callback, publicUrl)
  const hasLive = callback.attempt_rows.some(({ via }) => via === 'live')
  useKeys({ c: () => void copyText(curl) })
  return (
    <>
      <Head callback={callback} />
      <Facts callback={callback} />
      <Diagnosis callback={callback} />
      {hasLive && (
        <section className="panel" aria-labelledby="time">
          <div className="panel-head">
            <h2 id="time">Where the time went</h2>
          </div>
          <div className="panel-body">
            <Waterfall callback={callback} deadlineMs={route?.deadline_ms ?? DEFAULT_DEADLINE_MS} />
          </div>
        </section>
      )}
      <div className="columns">
        <section className="panel" aria-labelledby="chain">
          <div className="panel-head">
            <h2 id="chain">What was tried</h2>
          </div>
          <div className="panel-body">
            <Chain callback={callback} />
          </div>
        </section>
        <section className="panel" aria-label="Messages">
          <Tabs label="Messages" tabs={tabsOf(callback, curl)} />
        </section>
      </div>
    </>
  )
}

function Head({ callback }: { readonly callback: CallbackDetail }) {
  const { tone, word } = resultWords(callback.result)
  return (
    <div className="verdict" data-tone={tone}>
      <div className="verdict-title">
        <Badge tone={tone} word={word} />
        <h1 className="foreign">{callback.event}</h1>
        <span className="soft">
          <Moment at={callback.received_at} how="full" />
        </span>
      </div>
      <p className="foreign">{verdictOf(callback)}</p>
      {callback.route !== '' && callback.result !== 'rejected' && (
        <div className="row">
          <ReplayButton order={{ ids: [callback.id] }} label="Send again" />
        </div>
      )}
    </div>
  )
}

function Facts({ callback }: { readonly callback: CallbackDetail }) {
  return (
    <dl className="facts wide-facts panel panel-body">
      <div>
        <dt>Call</dt>
        <dd className="copyable">
          {callback.call_id === '' ? (
            'none'
          ) : (
            <>
              <a className="mono foreign" href={addressOf(['calls', callback.call_id])}>
                {callback.call_id}
              </a>
              <CopyButton text={callback.call_id} what="the call id" />
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Route</dt>
        <dd>
          {callback.route === '' ? (
            'none'
          ) : (
            <a href={addressOf(['routes'], { id: callback.route })}>{callback.route}</a>
          )}
        </dd>
      </div>
      <div>
        <dt>Delivery id</dt>
        <dd className="copyable">
          <span className="mono clip">{callback.id}</span>
          <CopyButton text={callback.id} what="the delivery id" />
        </dd>
      </div>
      <div>
        <dt>Reply drives the call</dt>
        <dd>{callback.kind === 'xml' ? 'yes (xml)' : 'no'}</dd>
      </div>
      {callback.duplicate_of !== '' && (
        <div>
          <dt>Repeat of</dt>
          <dd>
            <a className="mono" href={addressOf(['callbacks', callback.duplicate_of])}>
              {callback.duplicate_of}
            </a>
          </dd>
        </div>
      )}
      {callback.raw_event !== '' && (
        <div>
          <dt>Event on the wire</dt>
          <dd className="foreign">{callback.raw_event}</dd>
        </div>
      )}
    </dl>
  )
}

function tabsOf(callback: CallbackDetail, curl: string) {
  const line = `${callback.method} ${callback.path}`
  return [
    {
      id: 'request',
      label: 'Request',
      content: (
        <>
          <p className="mono foreign request-line">{line}</p>
          <MessageView message={callback.request} />
        </>
      ),
    },
    ...callback.attempt_rows
      .filter(({ reply }) => reply !== null)
      .map(({ number, status, reply }) => ({
        id: `reply-${number}`,
        label: `Reply ${number} (${status}, ${bytes(reply?.body_bytes ?? 0)})`,
        content: <MessageView message={reply} />,
      })),
    {
      id: 'curl',
      label: 'cURL',
      content: (
        <>
          <div className="message-bar">
            <span className="soft">Masked values have to be filled in; a signature is not among them.</span>
            <CopyButton text={curl} what="as cURL" />
          </div>
          <pre className="code" tabIndex={0} aria-label="cURL">
            {curl}
          </pre>
        </>
      ),
    },
  ]
}
