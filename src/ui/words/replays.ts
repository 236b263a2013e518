import type { ReplayView } from '../../admin/api.ts'
import type { Tone } from './tone.ts'

interface StateWords {
  readonly word: string
  readonly tone: Tone
}

const items: Readonly<Record<string, StateWords>> = {
  left: { word: 'To be sent', tone: 'idle' },
  sending: { word: 'Being sent', tone: 'idle' },
  unknown: { word: 'Cut off by a stop', tone: 'warn' },
  delivered: { word: 'Delivered', tone: 'good' },
  failed: { word: 'Failed again', tone: 'bad' },
  already_delivered: { word: 'Delivered already', tone: 'idle' },
  waits_for_rescue: { word: 'Waits for rescue anyway', tone: 'idle' },
  under_way: { word: 'Under way', tone: 'idle' },
  call_has_ended: { word: 'Its call has ended', tone: 'idle' },
  bytes_not_kept: { word: 'Bytes are not kept', tone: 'warn' },
  no_route: { word: 'No route any more', tone: 'warn' },
  not_let_in: { word: 'Was not let in', tone: 'idle' },
  not_wanted: { word: 'Filtered by the route', tone: 'idle' },
  repeats_another: { word: 'Repeat of another', tone: 'idle' },
  not_known: { word: 'Not in the ledger', tone: 'warn' },
}

/** How one callback of a replay stands, or why it is left out. */
export function replayItemWords(state: string): StateWords {
  return items[state] ?? { word: state.replaceAll('_', ' '), tone: 'idle' }
}

/** How a replay as a whole stands. */
export const replayWords: Readonly<Record<ReplayView['state'], StateWords>> = {
  planned: { word: 'Planned', tone: 'idle' },
  running: { word: 'Under way', tone: 'idle' },
  done: { word: 'Done', tone: 'good' },
  aborted: { word: 'Stopped: too many failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'warn' },
  interrupted: { word: 'Interrupted', tone: 'warn' },
}
