import type { Attempt } from '../../callback/attempt.ts'
import type { Ticket } from '../ledger.ts'
import type { LedgerPosition } from '../writing/protocol.ts'
import type { Secured, Securer } from '../writing/securing-lane.ts'
import { refusalOf } from './problem.ts'
import { SecuredFile } from './recovery/secured-file.ts'
import { openTakenJournal, type TakenJournal } from './recovery/taken-journal.ts'

/** The files beside a ledger that the thread writes which forwards. Nothing comes before they are open. */
export class BesideFiles implements Securer {
  #journal: TakenJournal | undefined
  #secured: SecuredFile | undefined

  /**
   * To be called when the writer has read what the process before left in them.
   *
   * @throws RingbackError when one cannot be opened
   */
  open(path: string, session: string, position: LedgerPosition): void {
    try {
      this.#journal = openTakenJournal(path)
      this.#secured = new SecuredFile(path, session, position)
    } catch (error) {
      this.close()
      throw refusalOf(path, error)
    }
  }

  note(callbackId: string, attempt: Attempt): void {
    this.#journal?.note(callbackId, attempt)
  }

  add(secured: Secured, nowMs: number, done: (problem: string) => void): void {
    this.#secured?.add(secured, nowMs, done)
  }

  committed(upTo: Ticket): void {
    this.#secured?.committed(upTo)
  }

  close(): void {
    this.#journal?.close()
    this.#secured?.close()
  }
}
