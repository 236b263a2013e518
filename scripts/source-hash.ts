import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** Changes when a file below the folder does, or the versions of packages. Paths are relative to the repository. */
export function sourceHash(folder: string, ...others: readonly string[]): string {
  const hash = createHash('sha256')
  const sources = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
  for (const path of [...sources, 'package-lock.json', ...others]) {
    hash.update(path).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}
