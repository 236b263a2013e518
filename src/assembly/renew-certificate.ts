import type { PublicServer } from '../ingress/server.ts'
import type { Log } from '../log.ts'
import type { TlsWatch } from './tls-files.ts'

/** Lets new connections use a certificate that was renewed on disk; one that cannot be used is told, and the old one stays. */
export function createRenewal(
  watch: TlsWatch | undefined,
  { server, log }: { readonly server: Pick<PublicServer, 'renewCertificate'>; readonly log: Log['pino'] },
): () => void {
  return () => {
    try {
      const files = watch?.renewed()
      if (files === undefined) return
      server.renewCertificate(files)
      log.info('certificate of the public port renewed')
    } catch (error) {
      log.error({ err: error }, 'the renewed certificate cannot be used; the old one stays')
    }
  }
}
