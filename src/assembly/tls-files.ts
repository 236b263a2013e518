import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

import type { Config } from '../config/schema.ts'
import { messageOf, RingbackError } from '../errors.ts'
import type { TlsFiles } from '../ingress/server.ts'

type Tls = NonNullable<Config['tls']>

/** Certificate and key of the public port, read again when their files change. */
export interface TlsWatch {
  readonly files: TlsFiles
  /**
   * The files when they changed since they were last used; undefined when they did not.
   *
   * @throws RingbackError `config` when they do not fit together, as while a renewal writes them; ask again later
   */
  renewed(): TlsFiles | undefined
}

/** @throws RingbackError `config` when the files cannot be used */
export function watchTlsFiles(tls: Tls): TlsWatch {
  let stamp = stampOf(tls)
  return {
    files: readTlsFiles(tls),
    renewed() {
      const now = stampOf(tls)
      if (now === stamp) return undefined
      const files = readTlsFiles(tls)
      stamp = now
      return files
    },
  }
}

function readTlsFiles(tls: Tls): TlsFiles {
  try {
    const files = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
    if (new X509Certificate(files.cert).checkPrivateKey(createPrivateKey(files.key))) return files
  } catch (cause) {
    const why = messageOf(cause)
    throw new RingbackError('config', `tls: ${tls.cert} and ${tls.key} cannot be used: ${why}`, { cause })
  }
  throw new RingbackError('config', `tls: ${tls.key} is not the key of ${tls.cert}`)
}

/** Changes when either file does; links as certbot makes them are followed. */
function stampOf({ cert, key }: Tls): string {
  return [cert, key]
    .map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
      return stat === undefined ? '' : `${stat.mtimeNs} ${stat.ino} ${stat.size}`
    })
    .join()
}
