import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { daemonEnv, MAIN } from '../support/shipped.ts'
import { plainPost } from '../support/signed-post.ts'
import { freePort } from '../support/start-ringback.ts'
import { startTarget } from '../support/target-server.ts'
import { hasTool } from '../support/tools.ts'
import { waitFor } from '../support/wait-for.ts'

it.runIf(hasTool('systemd-socket-activate'))(
  'serves on the socket of a service manager: the callback that came before it ran has waited',
  { timeout: 40_000 },
  async () => {
    await using handler = await startTarget()
    const folder = await mkdtemp(join(tmpdir(), 'ringback-socket-'))
    // Port 1 cannot be what answers.
    await writeFile(
      join(folder, 'ringback.yaml'),
      `
public_url: https://callbacks.example.com
listen: 127.0.0.1:1
admin: { listen: 127.0.0.1:0 }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
routes:
  - { id: calls, path: /calls/, target: '${handler.url}', signature: 'off' }
`,
    )
    const port = await freePort()
    const manager = spawn(
      'systemd-socket-activate',
      ['-l', `127.0.0.1:${port}`, '-E', 'PATH', '-E', 'NODE_COMPILE_CACHE', process.execPath, MAIN, 'serve'],
      { cwd: folder, env: daemonEnv, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    manager.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    try {
      await waitFor('listening socket', () => said.includes('Listening on'))
      const { status } = await plainPost(
        `http://127.0.0.1:${port}/calls/hook`,
        '{"event":"call.completed"}',
        {
          'content-type': 'application/json',
        },
      )
      expect([status, handler.requests.length]).toEqual([200, 1])
    } finally {
      manager.kill('SIGKILL')
      if (manager.exitCode === null && manager.signalCode === null) await once(manager, 'exit')
      await rm(folder, { recursive: true })
    }
  },
)
