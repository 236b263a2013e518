import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { daemonEnv, MAIN } from './shipped.ts'

const START_LIMIT_MS = 20_000
const STOP_LIMIT_MS = 15_000

/** A Ringback daemon in a process of its own. */
export interface RunningRingback extends AsyncDisposable {
  readonly pid: number
  readonly publicPort: number
  readonly adminPort: number
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly publicUrl: string
  readonly adminUrl: string
  /** Scratch folder of the process: its configuration, and whatever the configuration puts there. */
  readonly folder: string
  /** Graceful stop; resolves with the exit code (null when a signal ended it). */
  stop(): Promise<number | null>
  /** kill -9 */
  kill(): Promise<void>
  hasExited(): boolean
  /** Everything it wrote to standard output and standard error so far. */
  logs(): string
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What is started; by default what is shipped. */
  readonly entry?: string
  /** Folder to start in again, with the ledger that is there; by default a new one, removed at the end. */
  readonly folder?: string
}

/**
 * Starts `ringback serve` on a configuration text and waits until both ports are bound. The daemon's `listening`
 * log line tells the ports, so the text should ask for port 0 unless the test needs a certain one.
 *
 * @throws when it ends or is not listening in time; the message holds what it wrote
 */
export async function startRingback(
  configText: string,
  options: StartOptions = {},
): Promise<RunningRingback> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'ringback-test-')))
  const config = join(folder, 'ringback.yaml')
  await writeFile(config, withWorkers(configText))
  const child = spawn(process.execPath, [options.entry ?? MAIN, 'serve', '--config', config], {
    cwd: folder,
    env: { ...daemonEnv, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test process that is ended from outside must not leave daemons behind.
  const killChild = (): boolean => child.kill('SIGKILL')
  process.once('exit', killChild)
  child.once('exit', () => process.off('exit', killChild))

  const output = collectOutput(child)
  const removeFolder = async (): Promise<void> => {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const ports = await listening(child, output)
    return running(child, { ...ports, folder, output, removeFolder })
  } catch (error) {
    child.kill('SIGKILL')
    await removeFolder()
    throw error
  }
}

/** RINGBACK_TEST_WORKERS=2 runs every test that starts a daemon on one with so many workers. */
export function withWorkers(configText: string): string {
  const workers = process.env['RINGBACK_TEST_WORKERS']
  return workers === undefined || /^workers:/m.test(configText)
    ? configText
    : `workers: ${workers}\n${configText}`
}

/** A port that was free a moment ago, for texts that must name their own port, such as `public_url`. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

interface Output {
  readonly text: () => string
  onMore: () => void
}

function collectOutput(child: ChildProcess): Output {
  let text = ''
  const output: Output = { text: () => text, onMore: () => undefined }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (chunk: string) => {
      text += chunk
      output.onMore()
    })
  }
  return output
}

interface Ports {
  readonly publicPort: number
  readonly adminPort: number
}

function listening(child: ChildProcess, output: Output): Promise<Ports> {
  const { promise, resolve, reject } = Promise.withResolvers<Ports>()
  const fail = (why: string): void => reject(new Error(`ringback ${why}; it wrote:\n${output.text()}`))
  const limit = setTimeout(() => fail('was not listening in time'), START_LIMIT_MS)
  const onExit = (code: number | null): void => fail(`ended with code ${String(code)} at its start`)
  child.once('exit', onExit)
  output.onMore = () => {
    const ports = portsIn(output.text())
    if (ports !== undefined) resolve(ports)
  }
  return promise.finally(() => {
    clearTimeout(limit)
    child.off('exit', onExit)
    output.onMore = () => undefined
  })
}

function portsIn(text: string): Ports | undefined {
  for (const line of text.split('\n')) {
    if (!line.startsWith('{') || !line.endsWith('}') || !line.includes('"listening"')) continue
    const entry = JSON.parse(line) as { msg?: string; public?: string; admin?: string }
    if (entry.msg !== 'listening') continue
    return { publicPort: portOf(entry.public), adminPort: portOf(entry.admin) }
  }
  return undefined
}

function portOf(address: string | undefined): number {
  return Number(/:(\d+)$/.exec(address ?? '')?.[1])
}

function running(
  child: ChildProcess,
  facts: Ports & { folder: string; output: Output; removeFolder: () => Promise<void> },
): RunningRingback {
  const { publicPort, adminPort, folder, output } = facts
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (!hasExited()) {
      const exited = once(child, 'exit')
      child.kill(signal)
      const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await exited
      clearTimeout(impatience)
    }
    return child.exitCode
  }
  return {
    pid: child.pid ?? 0,
    publicPort,
    adminPort,
    publicUrl: `http://127.0.0.1:${publicPort}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    folder,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL')
    },
    hasExited,
    logs: output.text,
    [Symbol.asyncDispose]: async () => {
      await end('SIGTERM')
      await facts.removeFolder()
    },
  }
}
