import { useMemo } from 'react'

import type { MessageRow } from '../../admin/api.ts'
import { bytes } from '../format/amount.ts'
import { changeParams, usePlace } from '../place.ts'
import { hexDump } from '../words/hex-dump.ts'
import { prettyBody } from '../words/pretty-body.ts'
import { CopyButton } from './copy.tsx'
import { Masked } from './masked.tsx'

const views = [
  { id: 'pretty', label: 'Formatted' },
  { id: 'raw', label: 'As it came' },
  { id: 'hex', label: 'Bytes' },
] as const
type View = (typeof views)[number]['id']

/**
 * A request or reply as the ledger keeps it: what is masked, cut or left out is said. How bodies are shown stands in
 * the address (`body`).
 */
export function MessageView({ message }: { readonly message: MessageRow | null }) {
  const pretty = useMemo(() => prettyBody(message?.body ?? ''), [message])
  const place = usePlace()
  if (message === null) return <p className="soft">Nothing was kept of it.</p>
  const offered = views.filter(({ id }) => id !== 'pretty' || pretty.text !== undefined)
  const view = offered.find(({ id }) => id === place.params.get('body')) ?? offered[0] ?? views[1]
  return (
    <div className="message">
      <Headers headers={message.headers} />
      <div className="message-bar">
        <span className="soft">{aboutBody(message)}</span>
        {message.body !== null && message.body !== '' && (
          <span className="row">
            <span className="choice" role="group" aria-label="Show the body">
              {offered.map(({ id, label }) => (
                <button
                  key={id}
                  type="button"
                  aria-pressed={id === view.id}
                  onClick={() => changeParams(place, { body: id })}
                >
                  {label}
                </button>
              ))}
            </span>
            <CopyButton text={message.body} what="the body" />
          </span>
        )}
      </div>
      {pretty.problem !== '' && <p className="warn-text small">{pretty.problem}</p>}
      {message.body === null ? (
        <p className="soft">Bodies are not kept (ledger.bodies: none).</p>
      ) : (
        <pre className="code" data-view={view.id} tabIndex={0} aria-label="Body">
          <Body text={message.body} pretty={pretty.text} view={view.id} />
        </pre>
      )}
    </div>
  )
}

function Body(props: { readonly text: string; readonly pretty: string | undefined; readonly view: View }) {
  const { text, pretty, view } = props
  if (text === '') return <span className="faint">empty</span>
  if (view !== 'hex') return <Masked text={view === 'pretty' ? (pretty ?? text) : text} />
  const { dump, isCut } = hexDump(text)
  return `${dump}${isCut ? '\n…' : ''}`
}

function aboutBody(message: MessageRow): string {
  const kept = message.is_truncated
    ? `; the first ${bytes(new Blob([message.body ?? '']).size)} are kept`
    : ''
  const masked = message.is_redacted ? '; masked values are shown as •••' : ''
  return `Body, ${bytes(message.body_bytes)}${kept}${masked}`
}

function Headers({ headers }: { readonly headers: readonly string[] }) {
  const pairs: { readonly name: string; readonly value: string; readonly at: number }[] = []
  for (let at = 0; at < headers.length; at += 2) {
    pairs.push({ name: headers[at] ?? '', value: headers[at + 1] ?? '', at })
  }
  if (pairs.length === 0) return null
  return (
    <dl className="headers">
      {pairs.map(({ name, value, at }) => (
        <div key={at}>
          <dt className="mono foreign">{name}</dt>
          <dd className="mono foreign">
            <Masked text={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
