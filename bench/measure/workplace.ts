import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { Processes } from './processes.ts'

/** A folder for ledgers and logs, and the processes of a bench; both are gone when this process ends. */
export function openWorkplace(parent: string, name: string): { folder: string; processes: Processes } {
  const folder = mkdtempSync(join(parent, `ringback-${name}-`))
  const processes = new Processes()
  process.on('exit', () => {
    processes.killAll()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  return { folder, processes }
}
