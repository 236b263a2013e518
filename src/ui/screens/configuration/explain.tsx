import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import type { ExplainRequest, RouteExplanation } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { change } from '../../api/ask.ts'
import { Icon } from '../../parts/icons.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { FormLine } from '../../parts/sheet.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { Precedence, scopeNames } from './precedence.tsx'

/** Why did a callback go where it went? Asked of a made-up one, or of one of the ledger (`callback=` in the address). */
export function Explain() {
  const place = usePlace()
  const callback = place.params.get('callback') ?? ''
  const path = place.params.get('path') ?? ''
  const body = place.params.get('body') ?? ''
  const request: ExplainRequest | undefined =
    callback !== '' ? { callback } : path === '' ? undefined : { path, body }
  return (
    <Panel title="Which handler gets a callback" note="the most specific level that fits wins" isFlush>
      <Ask
        key={`${callback} ${path}`}
        start={{ path, body }}
        onAsk={(asked) => changeParams(place, { ...asked, callback: '' })}
      />
      {request === undefined ? <Precedence /> : <Answer request={request} />}
    </Panel>
  )
}

interface Asked {
  readonly path: string
  readonly body: string
}

function Ask({ start, onAsk }: { readonly start: Asked; readonly onAsk: (asked: Asked) => void }) {
  const [path, setPath] = useState(start.path)
  const [body, setBody] = useState(start.body)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onAsk({ path: path.trim(), body })
  }
  return (
    <form className="explain-ask" onSubmit={submit}>
      <FormLine name="URL or path that the provider dials">
        <input
          className="field mono"
          placeholder="/vobiz/MA_TEST123"
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
      </FormLine>
      <FormLine name="Body (JSON or form, optional)">
        <input
          className="field mono"
          placeholder='{"event":"call.completed","application_id":"app-12345"}'
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
      </FormLine>
      <button type="submit" className="button">
        Explain
      </button>
    </form>
  )
}

function Answer({ request }: { readonly request: ExplainRequest }) {
  const answer = useQuery({
    queryKey: ['explain', request],
    queryFn: () => change<RouteExplanation>('POST', 'explain-route', request),
    retry: false,
  })
  return (
    <Fetched of={answer} what="the way">
      {(way) => <Way way={way} />}
    </Fetched>
  )
}

function Way({ way }: { readonly way: RouteExplanation }) {
  const facts = Object.entries(way.facts).filter(([, value]) => value !== '')
  return (
    <>
      <ol className="way">
        {way.steps.map((step) => (
          <li key={`${step.scope} ${step.route}`} data-chosen={step.is_chosen}>
            <Icon name={step.is_chosen ? 'good' : 'idle'} />
            <strong>{scopeNames[step.scope]}</strong>
            <span className="mono foreign">{step.route === '' ? '–' : step.route}</span>
            <span className="soft foreign">
              {step.is_chosen && <span className="unseen">Chosen: </span>}
              {step.why}
            </span>
          </li>
        ))}
      </ol>
      <div className="panel-body stack way-end">
        <p>
          {way.route === null ? (
            <strong>Nothing takes it: it is refused.</strong>
          ) : (
            <>
              It goes to <a href={addressOf(['routes'], { id: way.route })}>{way.route}</a>.
            </>
          )}
        </p>
        {way.effects.length > 0 && (
          <ul className="way-effects">
            {way.effects.map((effect) => (
              <li key={effect} className="foreign">
                {effect}
              </li>
            ))}
          </ul>
        )}
        {facts.length > 0 && (
          <p className="soft small foreign">
            Read of it: {facts.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`).join(', ')}.
          </p>
        )}
        {way.remarks.map((remark) => (
          <p key={remark} className="soft small foreign">
            {remark}
          </p>
        ))}
      </div>
    </>
  )
}
