import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { startAdmin, token } from '../../support/admin-parts.ts'
import { cli } from '../../support/run-cli.ts'

const ready = 'Ringback 0.1.0 is ready'
const env = { RINGBACK_ADMIN_TOKEN: 'reader-token-0123456789' }
const dotEnv = 'RINGBACK_ADMIN_TOKEN=reader-token-0123456789\n'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-cli-'))
  file = join(folder, 'ringback.yaml')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A usable configuration whose daemon has its admin port there; its secrets are in no environment. */
function write(adminUrl: string, more = ''): void {
  writeFileSync(
    file,
    `public_url: https://callbacks.example.com
admin: { listen: ${new URL(adminUrl).host}, tokens: [{ name: ops, role: read, token: { env: RINGBACK_ADMIN_TOKEN } }] }
accounts: [{ id: MA_1, webhook_secret: { env: WEBHOOK_SECRET }, default_callback_url: https://example.com/hook }]
${more}`,
  )
}

describe('the daemon of a configuration', () => {
  it.each([
    ['whose secrets are not known here', ''],
    ['that has an unknown key by now', 'lisen: 3\n'],
    ['that has another broken setting by now', 'workers: none\n'],
  ])('is found by a file %s', async (_what, more) => {
    await using admin = await startAdmin({ tokens: [token('reader', 'read')] })
    write(admin.url, more)
    const { code, stdout, stderr } = await cli(['status', '--config', file], { env })
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ringback.yaml')])
    expect(stdout).toContain(ready)
  })

  it('is looked for at the default address when the file names none', async () => {
    writeFileSync(file, 'lisen: 3\n')
    const { stderr } = await cli(['status', '--config', file], { signal: AbortSignal.timeout(5000) })
    expect(stderr).not.toContain('lisen')
  })

  it.each([
    ['is not YAML', '"\n'],
    ['says no usable address', '\n', 'admin: { listen: 3 }\n'],
  ])('is not guessed where the file %s: its problem is told', async (_what, more, text?: string) => {
    if (text === undefined) write('http://127.0.0.1:1', more)
    else writeFileSync(file, text)
    const { code, stderr } = await cli(['status', '--config', file], { env })
    expect([code, stderr]).toEqual([3, expect.stringMatching(/ringback\.yaml:\d+:\d+ /)])
  })
})

describe('the token in a .env beside the configuration', () => {
  it('is the token of the commands, as it is that of the daemon', async () => {
    await using admin = await startAdmin({ tokens: [token('reader', 'read')] })
    write(admin.url)
    expect((await cli(['status', '--config', file])).code).toBe(8)
    writeFileSync(join(folder, '.env'), dotEnv)
    const { code, stdout } = await cli(['status', '--config', file])
    expect([code, stdout]).toEqual([0, expect.stringContaining(ready)])
  })

  it('gives way to what is really set', async () => {
    await using admin = await startAdmin({ tokens: [token('reader', 'read')] })
    write(admin.url)
    writeFileSync(join(folder, '.env'), 'RINGBACK_ADMIN_TOKEN=an-old-token-0123456789\n')
    expect((await cli(['status', '--config', file])).code).toBe(8)
    expect((await cli(['status', '--config', file], { env })).code).toBe(0)
  })

  it.each(['--url', 'RINGBACK_URL'])('is not sent to a daemon that %s names', async (how) => {
    await using admin = await startAdmin({ tokens: [token('reader', 'read')] })
    write('http://127.0.0.1:1')
    writeFileSync(join(folder, '.env'), dotEnv)
    const { code } =
      how === '--url'
        ? await cli(['status', '--config', file, '--url', admin.url])
        : await cli(['status', '--config', file], { env: { RINGBACK_URL: admin.url } })
    expect(code).toBe(8)
  })
})
