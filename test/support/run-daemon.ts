import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

import { daemonEnv, MAIN } from './shipped.ts'

export interface DaemonRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `ringback ARGS` in a process of its own, as a person would, and waits for its end. */
export async function runRingback(
  args: readonly string[],
  options: {
    readonly folder: string
    readonly env?: Readonly<Record<string, string>>
    /** What is started; by default what is shipped. */
    readonly entry?: string
  },
): Promise<DaemonRun> {
  const child = spawn(process.execPath, [options.entry ?? MAIN, ...args], {
    cwd: options.folder,
    env: { ...daemonEnv, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
