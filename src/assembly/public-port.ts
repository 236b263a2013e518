import type { PublicServer } from '../ingress/server.ts'
import type { TlsWatch } from './tls-files.ts'
import type { CrewStanding } from '../workers/crew.ts'

/** The port that callbacks come in by, open. */
export interface PublicPort {
  readonly server: Pick<PublicServer, 'close' | 'renewCertificate'>
  /** `HOST:PORT` as bound. */
  readonly address: string
  /** Undefined when TLS ends before Ringback, or nowhere. */
  readonly tls: TlsWatch | undefined
  /** Callbacks that are under way. */
  inFlight(): number
  /** Whatever is in force now is to be in force at the port, too. */
  publish(): void
  /** Resolves when it is. */
  taken(): Promise<void>
  /** Undefined where one process does everything. */
  workers(): CrewStanding | undefined
}
