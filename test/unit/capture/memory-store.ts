import type { Registration, Registrations } from '../../../src/ledger/ledger.ts'

/** Registrations in memory, on a disk that may be full. */
export class MemoryStore implements Registrations {
  readonly rows = new Map<string, Registration>()
  isFull = false

  add(registration: Registration): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('disk full'))
    this.rows.set(registration.token, registration)
    return Promise.resolve()
  }

  remove(token: string): Promise<boolean> {
    return Promise.resolve(this.rows.delete(token))
  }

  list(): Promise<readonly Registration[]> {
    return Promise.resolve([...this.rows.values()])
  }
}
