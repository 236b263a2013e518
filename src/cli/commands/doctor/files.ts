import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import type { Finding } from './finding.ts'

/** Permission bits of everybody who is neither owner nor of the group. */
const OTHERS = 0o007

/** Who may read what is nobody else's business: configuration, secrets, ledger. */
export function* checkFiles(configFile: string | undefined, store: string): Generator<Finding> {
  const folder = configFile === undefined ? '.' : dirname(configFile)
  const ledger = store.startsWith('sqlite:') ? resolve(store.slice('sqlite:'.length)) : undefined
  const files = [configFile, join(folder, '.env'), ledger].filter((path) => path !== undefined)
  const open = files.filter((path) => existsSync(path) && (statSync(path).mode & OTHERS) !== 0)
  // A configuration holds no secret: it names where they are.
  const secret = open.filter((path) => path !== configFile)
  if (secret.length > 0) {
    const detail = `every user of this machine can read ${secret.join(' and ')}`
    yield { name: 'permissions', state: 'doubtful', detail, remedy: `chmod o-rwx ${secret.join(' ')}` }
  } else {
    yield {
      name: 'permissions',
      state: 'good',
      detail: 'secrets and ledger are closed to others',
      remedy: '',
    }
  }
  const writable = files.filter((path) => existsSync(path) && (statSync(path).mode & 0o022 & ~0o020) !== 0)
  if (writable.length > 0) {
    const detail = `every user of this machine can change ${writable.join(' and ')}`
    yield { name: 'permissions', state: 'bad', detail, remedy: `chmod o-w ${writable.join(' ')}` }
  }
}
