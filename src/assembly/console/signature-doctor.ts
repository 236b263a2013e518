import type { SignatureDiagnosis, SignatureDoctorRequest } from '../../admin/api.ts'
import type { RefusalReason } from '../../callback/attempt.ts'
import type { Callback } from '../../callback/callback.ts'
import type { Clock } from '../../clock.ts'
import { RingbackError } from '../../errors.ts'
import type { LedgerReader } from '../../ledger/ledger.ts'
import { keyRings } from '../../routing/key-rings.ts'
import type { Scope } from '../../routing/table.ts'
import { DEFAULT_WINDOW_MS } from '../../verify/create-verifier.ts'
import { dialectsOf } from '../../verify/dialects.ts'
import { diagnose, type Ground } from '../../verify/doctor/diagnose.ts'
import type { Suspect } from '../../verify/doctor/suspect.ts'
import { createWaitingRoom } from '../../verify/doctor/waiting-room.ts'
import { adviceOf, type Surroundings } from '../../verify/doctor/words.ts'
import type { Current } from '../current.ts'
import { readRawRequest } from './raw-request.ts'
import { adviceOnReason } from './refusal-advice.ts'
import type { RetiredKeys } from './signature-keys.ts'

export interface SignatureDoctorParts {
  readonly clock: Clock
  readonly current: Current
  readonly retired: RetiredKeys
  readonly reader: Pick<LedgerReader, 'callback'>
  /** Where the words of a diagnosis are kept, by the id of the refusal. */
  readonly records: DiagnosisRecords
}

export interface DiagnosisRecords {
  keep(diagnosis: SignatureDiagnosis & { readonly callback: string }): void
  get(callback: string): Promise<SignatureDiagnosis | undefined>
}

export interface SignatureDoctor {
  /** A signature did not hold. Returns at once; the request is examined later, if there are not too many. */
  suspect(callback: Callback, scope: Scope, reason: RefusalReason): void
  /**
   * What would have verified, of a request that was refused or of one that is pasted.
   * Rejects with a RingbackError: `not_found` for an unknown id, `usage` for a text that is no request.
   */
  consult(request: SignatureDoctorRequest): Promise<SignatureDiagnosis>
}

/** Larger bodies are not held in memory for it. */
const MOST_BODY_BYTES = 64 * 1024

const examined: ReadonlySet<RefusalReason> = new Set([
  'signature_missing',
  'signature_bad',
  'timestamp_bad',
  'timestamp_stale',
])

interface Patient {
  readonly id: string
  readonly suspect: Suspect
  readonly scope: Scope
  readonly reason: RefusalReason
}

export function createSignatureDoctor(parts: SignatureDoctorParts): SignatureDoctor {
  return new Doctor(parts)
}

/** Examines requests whose signature did not hold, a few dozen hashes at a time between other work. */
class Doctor implements SignatureDoctor {
  readonly #parts: SignatureDoctorParts
  readonly #room = createWaitingRoom<Patient>()
  #isAtWork = false

  constructor(parts: SignatureDoctorParts) {
    this.#parts = parts
  }

  suspect(callback: Callback, scope: Scope, reason: RefusalReason): void {
    if (!examined.has(reason)) return
    const { publicBase } = this.#parts.current.policy
    const sort = `${scope.ring} ${reason}`
    const isAdmitted = this.#room.admit(sort, callback.receivedAt, () => ({
      id: callback.id,
      scope,
      reason,
      suspect: suspectOf(callback, publicBase),
    }))
    if (!isAdmitted || this.#isAtWork) return
    this.#isAtWork = true
    setImmediate(() => void this.#work())
  }

  async consult({
    callback: id = '',
    raw,
    received_at: at,
  }: SignatureDoctorRequest): Promise<SignatureDiagnosis> {
    if (raw === undefined) return this.#ofRefusal(id)
    const { clock, current } = this.#parts
    const pasted = readRawRequest(raw)
    const scope = current.policy.table.scopeOf(pasted.path)
    if (scope === undefined) {
      throw new RingbackError('usage', `raw: no route has the path ${pasted.path}; ask explain-route why`)
    }
    const suspect = { ...pasted, publicBase: current.policy.publicBase, receivedAt: at ?? clock.wall() }
    // A request that is pasted is old by nature, unless it is said when it came.
    const found = await this.#examine(suspect, scope, at === undefined ? Infinity : DEFAULT_WINDOW_MS)
    return { callback: null, route: nameOf(scope), reason: '', examined_at: clock.wall(), ...found }
  }

  async #work(): Promise<void> {
    const { clock, records } = this.#parts
    for (let patient = this.#room.next(); patient !== undefined; patient = this.#room.next()) {
      const { id, suspect, scope, reason } = patient
      const found = await this.#examine(suspect, scope, DEFAULT_WINDOW_MS)
      records.keep({ callback: id, route: nameOf(scope), reason, examined_at: clock.wall(), ...found })
    }
    this.#isAtWork = false
  }

  async #examine(suspect: Suspect, scope: Scope, windowMs: number) {
    const steps = diagnose(suspect, this.#groundOf(scope, windowMs))
    let step = steps.next()
    while (step.done !== true) {
      await new Promise(setImmediate)
      step = steps.next()
    }
    const { value } = step
    const where = surroundingsOf(scope, this.#parts.clock.wall())
    return { advice: adviceOf(value, where), tried: value.tried }
  }

  #groundOf(scope: Scope, windowMs: number): Ground {
    const { config } = this.#parts.current.loaded
    const ring = keyRings(config).get(scope.ring)
    return {
      keys: this.#parts.retired.candidates(config, scope),
      declared: ring === undefined ? [] : (ring.dialects ?? dialectsOf(ring)),
      windowMs,
    }
  }

  async #ofRefusal(id: string): Promise<SignatureDiagnosis> {
    const kept = await this.#parts.records.get(id)
    if (kept !== undefined) return kept
    const row = await this.#parts.reader.callback(id)
    if (row === undefined) {
      throw new RingbackError('not_found', `No callback has the id ${id}; it may have been pruned.`)
    }
    const { route, verdict, reason } = row
    const advice = adviceOnReason(verdict, reason)
    return { callback: id, route, reason, examined_at: null, tried: 0, advice: [advice] }
  }
}

/** What is held until it is examined: a copy, because the bytes may be a view of a larger buffer. */
function suspectOf(callback: Callback, publicBase: string): Suspect {
  const { method, path, query, headers, body, receivedAt } = callback
  return {
    method,
    publicBase,
    path,
    query,
    headers,
    body: body.length > MOST_BODY_BYTES ? undefined : Uint8Array.from(body),
    receivedAt,
  }
}

function nameOf({ route, account }: Scope): string {
  return route?.id ?? account ?? ''
}

function surroundingsOf({ ring, account }: Scope, now: number): Surroundings {
  const [list = '', part, id] = ring.split('/')
  const owner =
    list === 'routes' && part !== undefined
      ? `routes.${part}`
      : part === undefined
        ? `accounts.${list}`
        : `accounts.${list}.${part}.${id ?? ''}`
  const keysAt = account === undefined ? owner : `accounts.${account}`
  return { owner: keysAt, entry: owner, declares: `${owner}.dialects`, now }
}
