import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian packages that hold the programs some tests run. */
const packages = { prometheus: 'prometheus', promtool: 'prometheus', amtool: 'prometheus-alertmanager' }

/**
 * Is the program installed? When it is not, the tests that need it are skipped with a line that says how to install
 * it; where RINGBACK_REQUIRE_TOOLS=1 (the project's own checks) that is an error instead.
 */
export function hasTool(name: keyof typeof packages): boolean {
  if (isOnPath(name)) return true
  const remedy = `${name} is not installed: apt-get install ${packages[name]}`
  if (process.env['RINGBACK_REQUIRE_TOOLS'] === '1') throw new Error(remedy)
  process.stderr.write(`skipped, ${remedy}\n`)
  return false
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
