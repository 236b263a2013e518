import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { runRingback } from '../support/run-daemon.ts'
import { MAIN } from '../support/shipped.ts'
import { startRingback } from '../support/start-ringback.ts'

const routes = `routes: [{ id: any, path: /, target: 'http://127.0.0.1:9/', signature: off }]
allow_targets: [127.0.0.0/8]
public_url: http://localhost
`
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-start-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function refusal(configText: string): Promise<{ code: number | null; stderr: string }> {
  await writeFile(join(folder, 'refused.yaml'), configText + routes)
  const { code, stderr } = await runRingback(['--config', 'refused.yaml'], { folder })
  return { code, stderr }
}

describe('a daemon that cannot start', () => {
  it('names the port that is taken, and the key to change', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`
    const forPublic = await refusal(`listen: ${address}\nadmin: { listen: 127.0.0.1:0 }\n`)
    const forAdmin = await refusal(`listen: 127.0.0.1:0\nadmin: { listen: '${address}' }\n`)
    other.close()
    expect(forPublic).toEqual({
      code: 3,
      stderr: expect.stringContaining(`error: listen: ${address} is taken`) as string,
    })
    expect(forAdmin).toEqual({
      code: 3,
      stderr: expect.stringContaining(`error: admin.listen: ${address} is taken`) as string,
    })
  })

  it('leaves a ledger alone that another daemon uses, and takes it once that one was killed', async () => {
    const ports = 'listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\n'
    const first = await startRingback(ports + routes, { folder })
    expect(await refusal(ports)).toEqual({
      code: 1,
      stderr: expect.stringContaining(`Another Ringback (process ${first.pid}) is running`) as string,
    })
    await first.kill()
    await using second = await startRingback(ports + routes, { folder })
    expect(await second.stop()).toBe(0)
  })

  it('says that Node is too old, whichever way it was started', async () => {
    const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.18.0' } })`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretence)}` }
    const lonely = join(folder, 'bin/ringback.js') // the launcher, without the Node that npm installs beside it
    await cp(join(import.meta.dirname, '../../bin'), join(folder, 'bin'), { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    for (const entry of [MAIN, lonely]) {
      const { code, stderr } = await runRingback([], { folder, env, entry })
      expect([code, stderr]).toEqual([1, expect.stringContaining('error: Ringback needs Node 24 or newer')])
    }
  })

  it('says why its folder cannot be written', async () => {
    await writeFile(join(folder, 'data'), 'a file where the folder should be')
    const { code, stderr } = await refusal('listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\n')
    expect([code, stderr]).toEqual([1, expect.stringContaining('The ledger data/ringback.db cannot be used')])
  })
})
