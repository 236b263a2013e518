import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the package: the one with package.json above this file, which lies elsewhere when compiled. */
export const home = folderAbove(import.meta.dirname)

function folderAbove(folder: string): string {
  const above = dirname(folder)
  return existsSync(join(folder, 'package.json')) || above === folder ? folder : folderAbove(above)
}
