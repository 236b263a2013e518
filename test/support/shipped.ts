import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The daemon as it is shipped, which starts in a third of the time that its source takes. */
export const MAIN = join(root, 'dist/daemon/main.js')

/** For hooks that put other modules in the place of some: they find them only where each is a file. */
export const SOURCE = join(root, 'src/main.ts')

/** What a daemon's environment holds in every test; V8's work on its code is done once for all of them. */
export const daemonEnv = {
  PATH: process.env['PATH'],
  NO_COLOR: '1',
  NODE_COMPILE_CACHE: join(root, 'dist/cache'),
}

/** Builds what is shipped before the first test, if its sources changed. */
export function setup(): void {
  for (const script of ['build-daemon', 'build-page'])
    execFileSync(process.execPath, [join(root, `scripts/${script}.ts`), '--if-stale'])
}
