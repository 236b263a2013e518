import type { AttemptRow, CallbackDetail } from '../../../admin/api.ts'
import { bytes } from '../../format/amount.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { MessageView } from '../../parts/message-view.tsx'
import { ReplyDiff } from '../../parts/reply-diff.tsx'
import type { Tab } from '../../parts/tabs.tsx'

/** The request, each reply, what a later reply said otherwise, and the request as a command. */
export function messageTabs(callback: CallbackDetail, curl: string): readonly Tab[] {
  const replied = callback.attempt_rows.filter(({ reply }) => reply !== null)
  return [
    {
      id: 'request',
      label: 'Request',
      content: (
        <>
          <p className="mono foreign request-line">{`${callback.method} ${callback.path}`}</p>
          <MessageView message={callback.request} />
        </>
      ),
    },
    ...replied.map(({ number, status, reply }) => ({
      id: `reply-${number}`,
      label: `Reply ${number} (${status}, ${bytes(reply?.body_bytes ?? 0)})`,
      content: <MessageView message={reply} />,
    })),
    ...compared(replied),
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

/** The newest reply beside the one before it: what changed when it was sent again? */
function compared(replied: readonly AttemptRow[]): readonly Tab[] {
  const [before, after] = replied.slice(-2)
  if (before === undefined || after === undefined) return []
  return [{ id: 'compare', label: 'Difference', content: <ReplyDiff before={before} after={after} /> }]
}
