import type { CallView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { Icon } from '../../parts/icons.tsx'
import { Moment } from '../../parts/moment.tsx'
import { resultWords } from '../../words/results.ts'

const MOST = 12

/** The callbacks of the call in order, with this one marked: what came before it and what after. */
export function CallStrip({ call, current }: { readonly call: CallView; readonly current: string }) {
  const at = call.callbacks.findIndex(({ id }) => id === current)
  const from = Math.max(0, Math.min(at - MOST / 2, call.callbacks.length - MOST))
  const shown = call.callbacks.slice(from, from + MOST)
  return (
    <nav className="call-strip" aria-label="The call">
      <a href={addressOf(['calls', call.call_id])}>Whole call</a>
      <ol>
        {shown.map((row) => {
          const { tone, word } = resultWords(row.result)
          return (
            <li key={row.id}>
              <a
                href={addressOf(['callbacks', row.id])}
                aria-current={row.id === current ? 'true' : undefined}
                data-tone={tone}
                title={`${row.event}: ${word}`}
              >
                <Icon name={tone} />
                <span className="clip foreign">{row.event}</span>
                <span className="unseen">, {word}, </span>
                <Moment at={row.received_at} />
              </a>
            </li>
          )
        })}
      </ol>
      {call.callbacks.length > MOST && (
        <span className="faint numbers">
          {at + 1} of {call.callbacks.length}
        </span>
      )}
    </nav>
  )
}

/** Ids of the callbacks of a call around one of them. */
export function neighboursOf(
  call: CallView | undefined,
  current: string,
): { readonly before: string | undefined; readonly next: string | undefined } {
  const at = call?.callbacks.findIndex(({ id }) => id === current) ?? -1
  if (at === -1) return { before: undefined, next: undefined }
  return { before: call?.callbacks[at - 1]?.id, next: call?.callbacks[at + 1]?.id }
}
