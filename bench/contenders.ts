import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { haproxyConfig, nginxConfig, ringbackConfig } from './configs.ts'
import { freePort, type Processes } from './processes.ts'

/** What every contender gets to start with. */
export interface Ground {
  readonly processes: Processes
  /** Scratch folder of this run. */
  readonly folder: string
  readonly upstreamPort: number
  readonly secret: string
  readonly proxyCore: number | undefined
}

/** One proxy of the comparison. */
export interface Contender {
  readonly name: string
  /** What it does beside proxying, for the reader of the table. */
  readonly does: string
  /** A program or file that must be there, else the contender is left out with a line that says so. */
  readonly needs?: string
  start(ground: Ground): Started | Promise<Started>
}

/** `child` is undefined where there is no proxy at all. */
export interface Started {
  readonly port: number
  readonly child: ChildProcess | undefined
}

const NGINX = firstOf('/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx')
const HAPROXY = firstOf('/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy')

/** In the order of the table. The bare upstream comes first: everything else is read against it. */
export const contenders: readonly Contender[] = [
  {
    name: 'direct',
    does: 'no proxy',
    start: (ground) => ({ port: ground.upstreamPort, child: undefined }),
  },
  { name: 'nginx', does: '1 worker, access log', needs: NGINX, start: startNginx },
  { name: 'haproxy', does: '1 thread, log', needs: HAPROXY, start: startHaproxy },
  peer('fastify-http-proxy', '@fastify/http-proxy, bare'),
  peer('http-proxy', 'http-proxy with kept-alive agent, bare'),
  ringback('background'),
  ringback('answer'),
  ringback('full'),
]

function ringback(durability: 'background' | 'answer' | 'full'): Contender {
  const name = `ringback-${durability}`
  return {
    name,
    does: `everything on, durability ${durability}`,
    needs: 'src/main.ts',
    start: async (ground) => {
      const [port, adminPort] = [await freePort(), await freePort()]
      const config = join(ground.folder, `${name}.yaml`)
      const store = join(ground.folder, `${name}.db`)
      await writeFile(
        config,
        ringbackConfig({ port, adminPort, upstreamPort: ground.upstreamPort, store, durability }),
      )
      const child = ground.processes.start(process.execPath, ['dist/main.js', 'serve', '--config', config], {
        env: { BENCH_WEBHOOK_SECRET: ground.secret },
        core: ground.proxyCore,
        output: join(ground.folder, `${name}.log`),
      })
      return { port, child }
    },
  }
}

function peer(name: string, does: string): Contender {
  return {
    name,
    does,
    start: async (ground) => {
      const port = await freePort()
      const child = ground.processes.start(
        process.execPath,
        [join(import.meta.dirname, 'peers', `${name}.ts`)],
        {
          env: { BENCH_PORT: String(port), BENCH_UPSTREAM_PORT: String(ground.upstreamPort) },
          core: ground.proxyCore,
          output: join(ground.folder, `${name}.log`),
          ipc: true,
        },
      )
      return { port, child }
    },
  }
}

async function startNginx(ground: Ground): Promise<Started> {
  const port = await freePort()
  const config = join(ground.folder, 'nginx.conf')
  await writeFile(config, nginxConfig({ port, upstreamPort: ground.upstreamPort, folder: ground.folder }))
  const child = ground.processes.start(NGINX, ['-p', ground.folder, '-c', config, '-e', 'nginx.log'], {
    core: ground.proxyCore,
    output: join(ground.folder, 'nginx.log'),
  })
  return { port, child }
}

async function startHaproxy(ground: Ground): Promise<Started> {
  const port = await freePort()
  const config = join(ground.folder, 'haproxy.cfg')
  await writeFile(config, haproxyConfig({ port, upstreamPort: ground.upstreamPort }))
  const child = ground.processes.start(HAPROXY, ['-db', '-f', config], {
    core: ground.proxyCore,
    output: join(ground.folder, 'haproxy.log'),
  })
  return { port, child }
}

function firstOf(...paths: readonly [string, ...string[]]): string {
  return paths.find((path) => existsSync(path)) ?? paths[0]
}
