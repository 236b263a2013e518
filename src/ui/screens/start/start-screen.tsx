import './start.css'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import type { StatusView, TestCallbackResult } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { change } from '../../api/ask.ts'
import { useIncidents } from '../../api/alert-queries.ts'
import { useRoutes, useStatus } from '../../api/queries.ts'
import { duration } from '../../format/time.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { RoleButton } from '../../parts/role-button.tsx'
import { commonEvents } from '../../words/events.ts'
import { TrialSwitch } from './trial-switch.tsx'

/** From nothing to a first callback and a first alert, with ticks that come by themselves. */
export function StartScreen() {
  return (
    <>
      <div className="screen-head">
        <h1>Try it</h1>
        <p className="lead">From nothing to a first callback and a first alert.</p>
      </div>
      <Fetched of={useStatus()} what="the state">
        {(status) => (
          <ol className="panel ticks">
            <Ready status={status} />
            <Ledger status={status} />
            <Urls />
            <FirstCallback status={status} />
            <FirstAlert status={status} />
          </ol>
        )}
      </Fetched>
    </>
  )
}

function Tick(props: { readonly isDone: boolean; readonly title: string; readonly children: ReactNode }) {
  return (
    <li data-done={props.isDone}>
      <span className="tick-mark">
        <Icon name={props.isDone ? 'good' : 'idle'} />
        <span className="unseen">{props.isDone ? 'Done: ' : 'To do: '}</span>
      </span>
      <div className="stack">
        <h2>{props.title}</h2>
        {props.children}
      </div>
    </li>
  )
}

function Ready({ status }: { readonly status: StatusView }) {
  return (
    <Tick isDone={status.is_ready} title="Ringback runs">
      <p className="soft">
        Version {status.version}; callbacks come in at <code>{status.listen}</code>.
      </p>
    </Tick>
  )
}

function Ledger({ status: { ledger } }: { readonly status: StatusView }) {
  return (
    <Tick isDone={ledger.is_writable} title="The ledger takes rows">
      <p className="soft foreign">
        {ledger.is_writable ? (
          <>
            <code>{ledger.store}</code>, every row on disk before it is relied on.
          </>
        ) : (
          ledger.problem
        )}
      </p>
    </Tick>
  )
}

function Urls() {
  const { data } = useRoutes()
  const rows = data?.rows.filter((row) => row.public_url !== null) ?? []
  return (
    <Tick isDone={rows.length > 0} title="A route leads to a handler">
      {rows.length === 0 ? (
        <p className="soft">
          Add an account to the configuration: <code>npx ringback init</code> writes one with comments.
        </p>
      ) : (
        <>
          <p className="soft">Paste this into the console of Vobiz as the callback URL:</p>
          <ul>
            {rows.slice(0, 3).map(({ id, public_url: url }) => (
              <li key={id} className="copyable">
                <code className="clip foreign">{url}</code>
                <CopyButton text={url ?? ''} what={`the public URL of ${id}`} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Tick>
  )
}

function FirstCallback({ status }: { readonly status: StatusView }) {
  const [event, setEvent] = useState<string>('call.completed')
  const client = useQueryClient()
  const send = useMutation({
    mutationFn: () => change<TestCallbackResult>('POST', 'test-callback', { event }),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <Tick isDone={status.ledger.callbacks > 0} title="A first callback">
      <p className="soft">Signed as Vobiz signs it, and sent through the public port like any other.</p>
      <div className="row">
        <select
          className="field"
          aria-label="Event"
          value={event}
          onChange={(change_) => setEvent(change_.target.value)}
        >
          {commonEvents.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <RoleButton
          needs="replay"
          className="button primary"
          isBusy={send.isPending}
          onClick={() => send.mutate()}
        >
          Send a test callback
        </RoleButton>
      </div>
      <div role="status">
        {send.data !== undefined && <Answer result={send.data} />}
        {send.error !== null && <Warning tone="bad">{send.error.message}</Warning>}
      </div>
    </Tick>
  )
}

function Answer({ result }: { readonly result: TestCallbackResult }) {
  const isGood = result.status === 200
  return (
    <p>
      <Mark tone={isGood ? 'good' : 'bad'} word={`Vobiz would have been told ${result.status}`} /> after{' '}
      {duration(result.ms)}. <a href={addressOf(['calls', result.call_id])}>See the call</a>
    </p>
  )
}

function FirstAlert({ status }: { readonly status: StatusView }) {
  const { data } = useIncidents()
  const [latest] = data?.rows ?? []
  return (
    <Tick isDone={latest !== undefined} title="A first alert">
      <p className="soft">
        Break the handler, send three callbacks, and read the alert; mend it, send two, and it resolves.
      </p>
      <TrialSwitch isTrial={status.config.source === 'trial configuration'} />
      {latest !== undefined && (
        <p>
          <Mark
            tone={latest.closed_at === null ? 'bad' : 'good'}
            word={latest.closed_at === null ? 'An alert fires' : 'The alert is resolved'}
          />{' '}
          <a href={addressOf(['incidents', latest.id])}>Read it</a>
        </p>
      )}
    </Tick>
  )
}
