import type { SignatureDiagnosis } from '../../admin/api.ts'
import type { AdminParts } from '../../admin/parts.ts'
import type { IdMaker } from '../../callback/id.ts'
import type { Clock } from '../../clock.ts'
import type { ConsoleStore } from '../../ledger/console-store.ts'
import type { LedgerReader } from '../../ledger/ledger.ts'
import type { Log } from '../../log.ts'
import type { Current } from '../current.ts'
import { configurationView } from './configuration.ts'
import { createExplainRoute } from './explain-route.ts'
import { createSignatureDoctor, type SignatureDoctor } from './signature-doctor.ts'
import { RetiredKeys } from './signature-keys.ts'

export interface ConsoleSources {
  readonly clock: Clock
  readonly newId: IdMaker
  readonly current: Current
  readonly ledger: { readonly console: ConsoleStore; readonly reader: Pick<LedgerReader, 'callback'> }
  readonly log: Log['pino']
  readonly isTrial: boolean
}

/** What the console answers beside the rows of the ledger: configuration, routing, signatures, changes. */
export interface Console {
  readonly doctor: SignatureDoctor
  readonly retired: RetiredKeys
  readonly parts: Pick<AdminParts, 'configuration' | 'explainRoute' | 'diagnoseSignature' | 'audit'>
}

export function openConsole({ clock, newId, current, ledger, log, isTrial }: ConsoleSources): Console {
  const { console: store, reader } = ledger
  const retired = new RetiredKeys()
  const doctor = createSignatureDoctor({
    clock,
    current,
    retired,
    reader,
    records: {
      keep: (diagnosis) => {
        const { callback, examined_at: at } = diagnosis
        const row = { callback_id: callback, at: at ?? clock.wall(), words: JSON.stringify(diagnosis) }
        store
          .diagnosed(row)
          .catch((error: unknown) => log.warn({ err: error }, 'a diagnosis of a signature was not kept'))
      },
      get: async (callback) => {
        const row = await store.diagnosis(callback)
        // Safe: only `keep` writes these words.
        return row === undefined ? undefined : (JSON.parse(row.words) as SignatureDiagnosis)
      },
    },
  })
  return {
    doctor,
    retired,
    parts: {
      configuration: () => configurationView(current, isTrial),
      explainRoute: createExplainRoute({ table: () => current.policy.table, reader }),
      diagnoseSignature: async (request) => doctor.consult(request),
      audit: {
        add(entry) {
          log.info(entry, 'admin')
          store
            .audited({ ...entry, id: newId(entry.at) })
            .catch((error: unknown) =>
              log.warn({ err: error }, 'a change is in the log only, not in the audit'),
            )
        },
        list: async (filter) => store.audits(filter),
      },
    },
  }
}
