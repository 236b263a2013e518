import './replays.css'

import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { ReplayView } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { useReplay } from '../../api/rescue-queries.ts'
import { plural } from '../../format/amount.ts'
import { span } from '../../format/time.ts'
import { Badge } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { ReplayCounts } from '../../parts/replay-counts.tsx'
import { RoleButton } from '../../parts/role-button.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { useNow } from '../../state/now.ts'
import { replayWords } from '../../words/replays.ts'
import { ReplayItems } from './replay-items.tsx'

/** One replay: how far it is, what became of each callback, and how the reply differs from the one before. */
export function ReplayScreen({ id }: { readonly id: string }) {
  useRowKeys()
  return (
    <Fetched of={useReplay(id)} what="the replay" isScreen>
      {(view) => (
        <>
          <Head view={view} />
          <Panel title="Progress" note={plural(view.total, 'callback')}>
            <div role="status">
              <ReplayCounts view={view} />
            </div>
          </Panel>
          <Panel title="Callbacks" note="in order of arrival" isFlush>
            <ReplayItems view={view} />
          </Panel>
        </>
      )}
    </Fetched>
  )
}

function Head({ view }: { readonly view: ReplayView }) {
  const now = useNow()
  const { tone, word } = replayWords[view.state]
  const left = view.items.filter(({ state }) => state === 'left' || state === 'failed').map(({ id }) => id)
  return (
    <div className="verdict" data-tone={tone}>
      <div className="verdict-title">
        <Badge tone={tone} word={word} />
        <h1>Replay</h1>
        <span className="soft small">
          <Moment at={view.created_at} how="full" />
        </span>
        <div className="tools">
          {view.state === 'running' ? (
            <Cancel id={view.id} />
          ) : (
            left.length > 0 && <ReplayButton order={{ ids: left }} label="Send the rest" />
          )}
        </div>
      </div>
      <p className="foreign">
        {sentence(view)} It {view.ended_at === null ? 'has run' : 'took'}{' '}
        {span((view.ended_at ?? now) - view.created_at)}.{view.reason !== '' && ` Why: ${view.reason}`}
      </p>
    </div>
  )
}

function Cancel({ id }: { readonly id: string }) {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => change<ReplayView>('DELETE', `replays/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['replay', id] }),
  })
  return (
    <>
      <RoleButton
        needs="replay"
        className="button danger"
        isBusy={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        Cancel
      </RoleButton>
      {cancel.error !== null && <Warning tone="bad">{cancel.error.message}</Warning>}
    </>
  )
}

function sentence({ state, counts }: ReplayView): string {
  const delivered = counts['delivered'] ?? 0
  const failed = counts['failed'] ?? 0
  const left = counts['left'] ?? 0
  const rest =
    left > 0
      ? ` ${plural(left, 'callback')} ${left === 1 ? 'was' : 'were'} left as ${left === 1 ? 'it was' : 'they were'}.`
      : ''
  switch (state) {
    case 'running':
      return `${delivered} delivered, ${failed} failed, ${left} to go.`
    case 'aborted':
      return `Too many failed, so it stopped by itself.${rest}`
    case 'cancelled':
      return `Somebody cancelled it.${rest}`
    case 'interrupted':
      return `Ringback was stopped while it ran.${rest}`
    case 'planned':
    case 'done':
      return `${delivered} delivered, ${failed} failed.${rest}`
  }
}
