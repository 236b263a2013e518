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

/** Examines requests whose signature did not hold, a few dozen hashes at a time between other work. */
export function createSignatureDoctor(parts: SignatureDoctorParts): SignatureDoctor {
  const { clock, current, retired, reader, records } = parts
  const room = createWaitingRoom<Patient>()
  let isAtWork = false

  function groundOf(scope: Scope, windowMs: number): Ground {
    const { config } = current.loaded
    const ring = keyRings(config).get(scope.ring)
    return {
      keys: retired.candidates(config, scope),
      declared: ring === undefined ? [] : (ring.dialects ?? dialectsOf(ring)),
      windowMs,
    }
  }

  async function examine(suspect: Suspect, scope: Scope, windowMs: number) {
    const steps = diagnose(suspect, groundOf(scope, windowMs))
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) {
        return { advice: adviceOf(value, surroundingsOf(scope, clock.wall())), tried: value.tried }
      }
      await new Promise(setImmediate)
    }
  }

  async function work(): Promise<void> {
    for (let patient = room.next(); patient !== undefined; patient = room.next()) {
      const { id, suspect, scope, reason } = patient
      const found = await examine(suspect, scope, DEFAULT_WINDOW_MS)
      records.keep({ callback: id, route: nameOf(scope), reason, examined_at: clock.wall(), ...found })
    }
    isAtWork = false
  }

  return {
    suspect(callback, scope, reason) {
      if (!examined.has(reason)) return
      const { id, method, path, query, rawHeaders, body, receivedAt } = callback
      const admitted = room.admit(`${scope.ring} ${reason}`, receivedAt, () => ({
        id,
        scope,
        reason,
        suspect: {
          method,
          publicBase: current.policy.publicBase,
          path,
          query,
          rawHeaders,
          body: body.length > MOST_BODY_BYTES ? undefined : Uint8Array.from(body),
          receivedAt,
        },
      }))
      if (!admitted || isAtWork) return
      isAtWork = true
      setImmediate(() => void work())
    },
    async consult({ callback: id, raw, received_at: at }) {
      if (raw === undefined) return ofRefusal(id ?? '')
      const pasted = readRawRequest(raw)
      const scope = current.policy.table.scopeOf(pasted.path)
      if (scope === undefined) {
        throw new RingbackError('usage', `raw: no route has the path ${pasted.path}; ask explain-route why`)
      }
      const suspect = { ...pasted, publicBase: current.policy.publicBase, receivedAt: at ?? clock.wall() }
      // A request that is pasted is old by nature, unless it is said when it came.
      const found = await examine(suspect, scope, at === undefined ? Infinity : DEFAULT_WINDOW_MS)
      return { callback: null, route: nameOf(scope), reason: '', examined_at: clock.wall(), ...found }
    },
  }

  async function ofRefusal(id: string): Promise<SignatureDiagnosis> {
    const kept = await records.get(id)
    if (kept !== undefined) return kept
    const row = await reader.callback(id)
    if (row === undefined) {
      throw new RingbackError('not_found', `No callback has the id ${id}; it may have been pruned.`)
    }
    const { route, verdict, reason } = row
    const advice = adviceOnReason(verdict, reason)
    return { callback: id, route, reason, examined_at: null, tried: 0, advice: [advice] }
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
