import type { Heard, Sharing } from '../sharing.ts'
import type { LeadNotice } from './store-host.ts'
import type { LeadState } from './stores/lead.ts'

/** Without the database everybody leads after this time, milliseconds. */
const PATIENCE_MS = 30_000

/** How this process stands to the others, as the thread of the stores told last. */
export class NearSharing implements Sharing {
  readonly #heard: () => Promise<Heard>
  #state: LeadState = 'away'
  #isLeading = false
  #awaySince = performance.now()

  constructor(heard: () => Promise<Heard>) {
    this.#heard = heard
  }

  told({ state }: LeadNotice): void {
    if (state === 'away' && this.#state !== 'away') this.#awaySince = performance.now()
    if (state !== 'away') this.#isLeading = state === 'leading'
    this.#state = state
  }

  isLeading(): boolean {
    return this.#isLeading || (this.isAway() && performance.now() - this.#awaySince > PATIENCE_MS)
  }

  isAway(): boolean {
    return this.#state === 'away'
  }

  async heard(): Promise<Heard> {
    return this.#heard()
  }
}
