import { type Client, connect, rowsOf } from '../connection.ts'
import type { Place } from '../place.ts'

/** leading: this process holds the lock; following: another one does; away: the database cannot be reached. */
export type LeadState = 'leading' | 'following' | 'away'

const ASK_EVERY_MS = 1_000
const ANSWER_MS = 3_000
/** First half of the key; the second is the schema. Arbitrary: "RBLD". */
const LOCK = 0x52_42_4c_44

/**
 * One process of all that share a schema holds an advisory lock, on a connection of its own: with the connection the
 * server takes the lock back, however its holder ended, and the next one that asks has it.
 */
export class Lead {
  readonly #place: Place
  readonly #onChange: (state: LeadState) => void
  readonly #timer: NodeJS.Timeout
  #client: Client | undefined
  #state: LeadState = 'away'
  #isAsking = false
  #isClosed = false

  constructor(place: Place, onChange: (state: LeadState) => void) {
    this.#place = place
    this.#onChange = onChange
    this.#timer = setInterval(() => void this.ask(), ASK_EVERY_MS)
  }

  get state(): LeadState {
    return this.#state
  }

  /** Asks for the lock, or whether it is still held. */
  async ask(): Promise<LeadState> {
    if (this.#isAsking || this.#isClosed) return this.#state
    this.#isAsking = true
    try {
      const client = await this.#connected()
      const [row] =
        this.#state === 'leading'
          ? await rowsOf<{ got: boolean }>(client, 'SELECT true AS got')
          : await rowsOf<{ got: boolean }>(
              client,
              'SELECT pg_try_advisory_lock($1, hashtext(current_schema())) AS got',
              [LOCK],
            )
      this.#turn(row?.got === true ? 'leading' : 'following')
    } catch {
      await this.#drop()
    } finally {
      this.#isAsking = false
    }
    return this.#state
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#drop()
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    const client = await connect(this.#place, { name: 'lead', timeoutMs: ANSWER_MS }, () => {
      if (this.#client === client) void this.#drop()
    })
    this.#client = client
    return client
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#turn('away')
    await client?.end().catch(() => undefined)
  }

  #turn(state: LeadState): void {
    if (state === this.#state) return
    this.#state = state
    this.#onChange(state)
  }
}
