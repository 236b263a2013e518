import { readFileSync } from 'node:fs'

const read = (name: string): string => readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8')

/** The authority that signed `good`, `wrong-name` and `expired`; valid for a hundred years, trusted by nobody else. */
export const testAuthority = read('ca.crt')

/** Key and certificate of a server on 127.0.0.1: a good one, and the ways in which one can be bad. */
export function serverCertificate(name: 'good' | 'wrong-name' | 'expired' | 'self-signed'): {
  readonly key: string
  readonly cert: string
} {
  return { key: read('server.key'), cert: read(`${name}.crt`) }
}
