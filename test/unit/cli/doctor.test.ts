import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../../src/clock.ts'
import { checkClock } from '../../../src/cli/commands/doctor/clock.ts'
import { checkDisk } from '../../../src/cli/commands/doctor/disk.ts'
import { checkFiles } from '../../../src/cli/commands/doctor/files.ts'
import { checkPublicUrl } from '../../../src/cli/commands/doctor/proxy.ts'
import type { AdminClient } from '../../../src/cli/client.ts'
import { checkTarget } from '../../../src/cli/commands/doctor/network.ts'
import { checkWorkers } from '../../../src/cli/commands/doctor/workers.ts'
import type { Finding } from '../../../src/cli/commands/doctor/finding.ts'
import type { Config } from '../../../src/config/schema.ts'
import { serverCertificate } from '../../support/certificates.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'
import { startTarget } from '../../support/target-server.ts'

// Each check of `ringback doctor` against the real thing, good and bad; the whole command is tested in
// test/system/doctor.test.ts.

const server = createServer((_request, response) => response.end('ok'))
let origin = ''
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-doctor-'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

it.each([
  [1, 2, []],
  ['auto', 1, []],
  [2, 2, ['doubtful']],
  ['auto', 4, ['doubtful']],
  [3, 4, ['good']],
] as const)('workers: %s on a machine of %s cores is %s', (workers, cores, states) => {
  expect([...checkWorkers(workers, cores)].map(({ state }) => state)).toEqual(states)
})

describe('the clock', () => {
  it.each([
    [0, 'good', 'agrees with'],
    [20_000, 'doubtful', 'ahead of'],
    [-20_000, 'doubtful', 'behind'],
    [400_000, 'bad', 'ahead of'],
  ])('that is %i ms off is %s', async (offMs, state, words) => {
    const clock = { wall: () => Date.now() + offMs, mono: () => performance.now() }
    const config = { capture: { api_base: origin }, notify: {} } as unknown as Config
    expect(await checkClock(config, clock)).toMatchObject({
      state,
      detail: expect.stringContaining(words) as string,
    })
  })

  it('of which nobody can be asked is doubtful', async () => {
    const config = { notify: {} } as unknown as Config
    const clock = { wall: Date.now, mono: () => performance.now() }
    expect(await checkClock(config, clock)).toMatchObject({
      state: 'doubtful',
      remedy: expect.stringContaining('timedatectl') as string,
    })
  })
})

describe('a handler', () => {
  it('that answers is good', async () => {
    expect(await checkTarget('handler', new URL(origin), Date.now())).toMatchObject({ state: 'good' })
  })

  it('whose name does not exist is bad, and named', async () => {
    expect(await checkTarget('handler', new URL('http://handler.invalid'), Date.now())).toMatchObject({
      state: 'bad',
      detail: expect.stringMatching(/handler\.invalid.*(?:ENOTFOUND|EAI_AGAIN)/) as string,
    })
  })

  it('that speaks no TLS where TLS is asked for is bad', async () => {
    const found = await checkTarget('handler', new URL(origin.replace('http:', 'https:')), Date.now())
    expect(found).toMatchObject({ state: 'bad', remedy: expect.stringContaining('speaks no TLS') as string })
  })
})

describe('a certificate', () => {
  it.each(['self-signed', 'expired'] as const)('that is %s is bad, with the reason', async (name) => {
    const secure = createSecureServer(serverCertificate(name)).listen(0, '127.0.0.1')
    await once(secure, 'listening')
    const { port } = secure.address() as AddressInfo
    const found = await checkTarget('handler', new URL(`https://localhost:${port}`), Date.now())
    secure.close()
    expect(found).toMatchObject({ state: 'bad', detail: expect.stringContaining('certificate') as string })
  })
})

describe('the disk', () => {
  it('is told with its room and the time of a sync, and leaves nothing behind', async () => {
    const findings: Finding[] = []
    for await (const each of checkDisk(`sqlite:${join(folder, 'not', 'yet', 'ringback.db')}`, systemClock))
      findings.push(each)
    expect(findings.map(({ name }) => name)).toEqual(['disk', 'sync'])
    expect(findings[0]?.detail).toMatch(/ free in /)
    expect(findings[1]?.detail).toMatch(/ms for a sync to disk/)
  })

  it('that takes no file is bad, with what to do', async () => {
    const findings: Finding[] = []
    for await (const each of checkDisk('sqlite:/proc/ringback.db', systemClock)) findings.push(each)
    expect(findings.at(-1)).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('/proc') as string,
    })
  })

  it('that syncs slowly is doubtful, with what to do', async () => {
    let now = 0
    const slow = { mono: () => (now += 25) } // between any two looks
    const findings: Finding[] = []
    for await (const each of checkDisk(`sqlite:${join(folder, 'ringback.db')}`, slow)) findings.push(each)
    expect(findings[1]).toEqual({
      name: 'sync',
      state: 'doubtful',
      detail: '25 ms for a sync to disk (median of 20)',
      remedy: 'Use a faster disk for the ledger, or ledger.durability: background.',
    })
  })

  it('that is nearly full is doubtful, with what to do', async () => {
    const small = join(folder, 'small')
    const disk = mountSmallDisk(small)
    if (disk === undefined) return // only root may mount
    try {
      const findings: Finding[] = []
      for await (const each of checkDisk(`sqlite:${join(small, 'ringback.db')}`, systemClock))
        findings.push(each)
      expect(findings[0]).toMatchObject({ name: 'disk', state: 'doubtful' })
      expect(findings[0]?.detail).toMatch(/^2\d\.\d MB free in /)
      expect(findings[0]?.remedy).toContain('ledger.max_size')
    } finally {
      disk.unmount()
    }
  })

  it('is nobody’s here where the ledger is on a server', async () => {
    const findings: Finding[] = []
    for await (const each of checkDisk('postgres://db/ringback', systemClock)) findings.push(each)
    expect(findings).toEqual([])
  })
})

describe('permissions', () => {
  it.each([
    [0o600, 0o600, ['good']],
    [0o644, 0o600, ['good']], // it holds no secret
    [0o600, 0o644, ['doubtful']],
    [0o666, 0o600, ['good', 'bad']],
  ])('of %o for the configuration and %o for the ledger', (config, ledger, states) => {
    const [file, store] = [join(folder, 'ringback.yaml'), join(folder, 'ringback.db')]
    for (const [path, mode] of [
      [file, config],
      [store, ledger],
    ] as const) {
      writeFileSync(path, '')
      chmodSync(path, mode)
    }
    expect([...checkFiles(file, `sqlite:${store}`)].map(({ state }) => state)).toEqual(states)
  })
})

describe('a proxy before the public port', () => {
  it.each([
    ['that hides who calls is doubtful, with the setting that mends it', '10.0.0.9', [], 'doubtful'],
    ['is well when it is trusted', '10.0.0.9', ['10.0.0.9'], 'good'],
    ['is well when callers come through', '203.0.113.9', [], 'good'],
  ])('%s', async (_what, peer, trusted_proxies, state) => {
    await using proxy = await startTarget()
    // Loopback under a name that does not say so, as a public name would.
    const public_url = `http://[::ffff:127.0.0.1]:${proxy.port}`
    const admin = {
      get: (path: string) =>
        Promise.resolve(
          path === '/api/v1/status'
            ? { public_url }
            : { rows: proxy.requests.map(({ target }) => ({ path: target, peer })) },
        ),
    } as unknown as AdminClient
    const found = await checkPublicUrl({ trusted_proxies } as unknown as Config, admin)
    expect(found.state).toBe(state)
    expect(found.remedy).toBe(
      state === 'good'
        ? ''
        : 'A proxy is before Ringback: set trusted_proxies: [10.0.0.9], so that the real address is known.',
    )
  })
})
