import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian packages that hold the programs some tests run. */
const packages = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  amtool: 'prometheus-alertmanager',
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  'systemd-analyze': 'systemd',
  'systemd-socket-activate': 'systemd',
}

/**
 * Is the program installed? When it is not, the tests that need it are skipped with a line that says how to install
 * it; where RINGBACK_REQUIRE_TOOLS=1 (the project's own checks) that is an error instead.
 */
export function hasTool(name: keyof typeof packages): boolean {
  if (pathOfTool(name) !== undefined) return true
  const remedy = `${name} is not installed: apt-get install ${packages[name]}`
  if (process.env['RINGBACK_REQUIRE_TOOLS'] === '1') throw new Error(remedy)
  process.stderr.write(`skipped, ${remedy}\n`)
  return false
}

/** Where the program is; undefined when it is not installed. */
export function pathOfTool(name: keyof typeof packages): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
