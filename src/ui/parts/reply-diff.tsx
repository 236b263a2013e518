import './reply-diff.css'

import type { AttemptRow, MessageRow } from '../../admin/api.ts'
import { duration } from '../format/time.ts'
import { diffLines, type DiffLine } from '../words/line-diff.ts'
import { outcomeWords } from '../words/outcomes.ts'
import { Masked } from './masked.tsx'

const signs = { same: ' ', gone: '−', come: '+' } as const
const signWords = { same: '', gone: 'before: ', come: 'now: ' } as const

/** How a later reply differs from an earlier one: status, time, and line by line. */
export function ReplyDiff({ before, after }: { readonly before: AttemptRow; readonly after: AttemptRow }) {
  const lines = diffLines(textOf(before.reply), textOf(after.reply))
  const isSame = lines.every(({ kind }) => kind === 'same')
  return (
    <div className="stack">
      <table className="table diff-facts">
        <thead>
          <tr>
            <th />
            <th>Attempt {before.number}</th>
            <th>Attempt {after.number}</th>
          </tr>
        </thead>
        <tbody>
          <Facts name="Outcome" before={words(before)} after={words(after)} />
          <Facts name="Status" before={statusOf(before)} after={statusOf(after)} />
          <Facts name="Time" before={timeOf(before)} after={timeOf(after)} />
        </tbody>
      </table>
      {isSame ? (
        <p className="soft">Headers and body are the same.</p>
      ) : (
        <pre className="code diff" tabIndex={0} aria-label="Difference of the replies">
          {lines.map((line, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- lines have no other name than their place
            <Line key={at} line={line} />
          ))}
        </pre>
      )}
    </div>
  )
}

function Line({ line: { kind, text } }: { readonly line: DiffLine }) {
  return (
    <span className="diff-line" data-kind={kind}>
      <span aria-hidden="true">{signs[kind]} </span>
      {kind !== 'same' && <span className="unseen">{signWords[kind]}</span>}
      <Masked text={text} />
      {'\n'}
    </span>
  )
}

function Facts(props: { readonly name: string; readonly before: string; readonly after: string }) {
  const isSame = props.before === props.after
  return (
    <tr>
      <th scope="row">{props.name}</th>
      <td className="numbers">{props.before}</td>
      <td className="numbers">
        {isSame ? <span className="faint">the same</span> : <strong>{props.after}</strong>}
      </td>
    </tr>
  )
}

function words({ outcome }: AttemptRow): string {
  return outcomeWords(outcome)?.label ?? outcome
}

function statusOf({ status }: AttemptRow): string {
  return status === 0 ? 'none' : String(status)
}

function timeOf({ total_ms: ms }: AttemptRow): string {
  return ms === null ? 'cut off' : duration(ms)
}

/** Headers, an empty line, the body: as it came over the wire. */
function textOf(message: MessageRow | null): string {
  if (message === null) return ''
  const lines: string[] = []
  for (let at = 0; at < message.headers.length; at += 2) {
    lines.push(`${message.headers[at] ?? ''}: ${message.headers[at + 1] ?? ''}`)
  }
  return [...lines, '', message.body ?? ''].join('\n')
}
