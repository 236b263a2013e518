import './replay-counts.css'

import type { ReplayView } from '../../admin/api.ts'
import { count } from '../format/amount.ts'
import { replayItemWords } from '../words/replays.ts'

const order = ['delivered', 'failed', 'sending', 'left']

/** How many callbacks of a replay are in each state, as a bar and in numbers; they add up. */
export function ReplayCounts({ view }: { readonly view: ReplayView }) {
  const counts = Object.entries(view.counts)
    .filter(([, amount]) => amount > 0)
    .toSorted(([a], [b]) => place(a) - place(b))
  const words = counts.map(([state, amount]) => `${amount} ${replayItemWords(state).word}`)
  return (
    <div className="replay-counts">
      <div className="replay-bar" role="img" aria-label={words.join(', ')}>
        {counts.map(([state, amount]) => (
          <span
            key={state}
            data-state={order.includes(state) ? state : 'skipped'}
            style={{ flexGrow: amount }}
          />
        ))}
      </div>
      <dl>
        {counts.map(([state, amount]) => (
          <div key={state} data-state={order.includes(state) ? state : 'skipped'}>
            <dt>{replayItemWords(state).word}</dt>
            <dd className="numbers">{count(amount)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function place(state: string): number {
  const at = order.indexOf(state)
  return at === -1 ? order.length : at
}
