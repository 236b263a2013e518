import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { daemonEnv, MAIN } from './shipped.ts'
import { withWorkers } from './start-ringback.ts'
import { waitFor } from './wait-for.ts'

const START_LIMIT_MS = 20_000

/** Keeps the socket (descriptor 3) and starts the daemon on it again whenever it has ended, as systemd does. */
const LOOP = `while :; do sh -c 'echo pid $$; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"' daemon "$@" || exit; done`

/** A stand-in for systemd with a socket unit: the listening socket outlives the daemon. */
export interface ServiceManager extends AsyncDisposable {
  readonly port: number
  /** Ends the daemon with SIGTERM; resolves when the next one serves, with the milliseconds in between. */
  restart(): Promise<number>
  logs(): string
}

export async function startServiceManager(configText: string): Promise<ServiceManager> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-restart-'))
  await writeFile(join(folder, 'ringback.yaml'), withWorkers(configText))
  const { server, port, fd } = await listeningSocket()
  const shell = spawn('sh', ['-c', LOOP, 'sh', process.execPath, MAIN, 'serve'], {
    cwd: folder,
    env: daemonEnv,
    stdio: ['ignore', 'pipe', 'pipe', fd],
    detached: true,
  })
  server.close() // the shell has it now, and nobody accepts on it here
  const logs = textOf(shell)
  const kill = (): void => {
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGKILL')
  }
  process.once('exit', kill)
  const starts = (): number => logs().split('"msg":"listening"').length - 1
  const serving = async (count: number): Promise<void> => {
    await waitFor(`start ${count} of the daemon`, () => starts() >= count, START_LIMIT_MS)
  }
  await serving(1)
  return {
    port,
    async restart() {
      const count = starts()
      const pid = Number(/pid (\d+)\n(?!.*pid \d+\n)/s.exec(logs())?.[1])
      const startedAt = performance.now()
      process.kill(pid, 'SIGTERM')
      await serving(count + 1)
      return performance.now() - startedAt
    },
    logs,
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      const ended = once(shell, 'exit')
      kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function listeningSocket(): Promise<{ server: Server; port: number; fd: number }> {
  const server = createServer().listen(0, '127.0.0.1', 4096)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Node offers no public way to the descriptor of a socket that listens.
  const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle
  return { server, port, fd }
}

function textOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  }
  return () => text
}
