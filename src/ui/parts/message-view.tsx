import { useMemo, useState } from 'react'

import type { MessageRow } from '../../admin/api.ts'
import { bytes } from '../format/amount.ts'
import { Masked } from './masked.tsx'

/** A request or reply as the ledger keeps it: what is masked, cut or left out is said. */
export function MessageView({ message }: { readonly message: MessageRow | null }) {
  const [isRaw, setRaw] = useState(false)
  const pretty = useMemo(() => prettyJson(message?.body ?? ''), [message])
  if (message === null) return <p className="soft">Nothing was kept of it.</p>
  const text = isRaw || pretty === undefined ? message.body : pretty
  return (
    <div className="message">
      <Headers headers={message.headers} />
      <div className="message-bar">
        <span className="soft">
          Body, {bytes(message.body_bytes)}
          {message.is_truncated && `; the first ${bytes(new Blob([message.body ?? '']).size)} are kept`}
          {message.is_redacted && '; masked values are shown as •••'}
        </span>
        {pretty !== undefined && (
          <button type="button" className="button quiet" onClick={() => setRaw(!isRaw)}>
            {isRaw ? 'Formatted' : 'As it came'}
          </button>
        )}
      </div>
      {text === null ? (
        <p className="soft">Bodies are not kept (ledger.bodies: none).</p>
      ) : (
        <pre className="code" tabIndex={0} aria-label="Body">
          {text === '' ? <span className="faint">empty</span> : <Masked text={text} />}
        </pre>
      )}
    </div>
  )
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

function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return undefined
  }
}
