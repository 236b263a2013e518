import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:net'

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Core the process and its threads are kept on; undefined leaves it to the kernel. */
  readonly core?: number | undefined
  /** File that takes standard output and standard error. */
  readonly output: string
  /** Talk to it over Node's IPC channel; it ends by itself when this process is gone. */
  readonly ipc?: boolean
}

const STOP_GRACE_MS = 3_000

/** What a shell may tell every Node process, and what costs them: options, authorities to load (some 2 MB). */
const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _authorities, ...plain } = process.env

/** The processes of one bench run. Whatever was started here is ended by `stopAll`, at the latest by `killAll`. */
export class Processes {
  readonly #running = new Set<ChildProcess>()

  /** Starts a program in a process group of its own, so that its children can be ended with it. */
  start(command: string, args: readonly string[], options: StartOptions): ChildProcess {
    const pinned = options.core !== undefined
    const output = openSync(options.output, 'a')
    const child = spawn(
      pinned ? 'taskset' : command,
      pinned ? ['-c', String(options.core), command, ...args] : args,
      {
        env: { ...plain, ...options.env },
        stdio: options.ipc === true ? ['ignore', output, output, 'ipc'] : ['ignore', output, output],
        detached: true,
      },
    )
    closeSync(output)
    this.#running.add(child)
    child.once('error', () => this.#running.delete(child))
    child.once('exit', () => this.#running.delete(child))
    return child
  }

  async stopAll(): Promise<void> {
    const children = [...this.#running]
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
    for (const child of children) signal(child, 'SIGTERM')
    const grace = AbortSignal.timeout(STOP_GRACE_MS)
    await Promise.race([Promise.all(ended), once(grace, 'abort')])
    this.killAll()
    await Promise.all(ended)
  }

  /** The last resort, also when this process exits in any other way. */
  killAll(): void {
    for (const child of this.#running) signal(child, 'SIGKILL')
  }
}

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // it ended by itself meanwhile
  }
}

/** Sends one command to a child over IPC and waits for its one answer. */
export async function ask<Answer>(child: ChildProcess, command: object): Promise<Answer> {
  const gone = new AbortController()
  const onExit = (): void =>
    gone.abort(new Error(`process ${String(child.pid)} ended in the middle of its work`))
  child.once('exit', onExit)
  try {
    const answer = once(child, 'message', { signal: gone.signal })
    child.send(command)
    const [message] = (await answer) as [Answer]
    return message
  } finally {
    child.off('exit', onExit)
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
