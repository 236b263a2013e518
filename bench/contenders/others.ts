import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { freePort } from '../measure/processes.ts'
import { haproxyConfig, nginxConfig } from './configs.ts'
import type { Contender, Ground, Started } from './contender.ts'

const NGINX = firstOf('/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx')
const HAPROXY = firstOf('/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy')

/** No proxy at all: generator and upstream alone. Everything else is read against it. */
export const direct: Contender = {
  name: 'direct',
  does: 'no proxy',
  start: (ground) => ({ port: ground.upstreamPort, child: undefined }),
}

/** What one would use instead of Ringback, in the order of the table. */
export const others: readonly Contender[] = [
  { name: 'nginx', does: '1 worker, access log', needs: NGINX, start: startNginx },
  { name: 'haproxy', does: '1 thread, log', needs: HAPROXY, start: startHaproxy },
  peer('fastify-http-proxy', '@fastify/http-proxy, bare'),
  peer('http-proxy', 'http-proxy with kept-alive agent, bare'),
  peer('bytes-copied', 'no proxy: Node copies bytes, reads none'),
]

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
