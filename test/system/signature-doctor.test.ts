import { writeFile } from 'node:fs/promises'

import { afterAll, beforeAll, expect, it } from 'vitest'

import type { AuditRow, CallbackRow, Page, ReloadResult, SignatureDiagnosis } from '../../src/admin/api.ts'
import { AccountRig, RIG_SECRET } from '../support/account-rig.ts'
import { cli } from '../support/run-cli.ts'
import { signedPost } from '../support/signed-post.ts'
import { waitFor } from '../support/wait-for.ts'

// Somebody's callbacks are refused: the daemon itself says what would have verified, and what to change.

const TOKEN = 'auth-token-of-the-rig-0123'
const PATH = '/vobiz/MA_TEST123'
const PUBLIC = `https://callbacks.example.com${PATH}`

let rig: AccountRig
beforeAll(async () => {
  rig = await AccountRig.start({
    account: '    auth_token: { env: AUTH_TOKEN }\n',
    env: { AUTH_TOKEN: TOKEN, NEXT_TOKEN: 'the-next-auth-token-012345' },
  })
})
afterAll(() => rig[Symbol.asyncDispose]())

async function ask<Body>(path: string, body: unknown): Promise<Body> {
  const reply = await fetch(`${rig.ringback.adminUrl}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await reply.json()) as Body
}

async function refused(url: string, body: string, secret = TOKEN): Promise<CallbackRow> {
  const before = new Set((await rejected()).map(({ id }) => id))
  const sent = await signedPost({
    dialect: secret === TOKEN ? 'v3' : 'timestamp',
    secret,
    publicUrl: url,
    sendTo: rig.ringback.publicUrl + PATH,
    body,
  })
  expect(sent.status).toBe(401)
  return waitFor('the refusal in the ledger', async () =>
    (await rejected()).find(({ id }) => !before.has(id)),
  )
}

async function rejected(): Promise<readonly CallbackRow[]> {
  return (await rig.get<Page<CallbackRow>>('/api/v1/callbacks?result=rejected')).rows
}

async function run(...argv: string[]) {
  return cli([...argv, '--url', rig.ringback.adminUrl])
}

/** Once the examination, which waits for a quiet moment, is done. */
async function diagnosis(id: string): Promise<SignatureDiagnosis> {
  return waitFor('the diagnosis', async () => {
    const found = await ask<SignatureDiagnosis>('signature-doctor', { callback: id })
    return found.examined_at === null ? undefined : found
  })
}

it('says http instead of https, keeps the words and nothing that could be used again', async () => {
  const row = await refused(PUBLIC.replace('https', 'http'), '{"event":"call.completed","call_id":"c-1"}')
  const found = await diagnosis(row.id)
  expect(found).toMatchObject({ callback: row.id, route: 'MA_TEST123', reason: 'signature_bad' })
  expect(found.advice).toEqual([
    {
      code: 'scheme',
      text: 'The v3 signature would verify for http:// instead of https://.',
      remedy: 'Vobiz has the URL with http://. Paste the https URL that `ringback urls` prints.',
    },
  ])
  await rig.ringback.kill()
  await rig.startAgain()
  expect(await diagnosis(row.id)).toEqual(found)
})

it('knows the key that a reload took out', async () => {
  const text = rig.configText({ account: '    auth_token: { env: NEXT_TOKEN }\n' })
  await writeFile(rig.configPath, text)
  await ask<ReloadResult>('reload', { reason: 'rotated the token' })
  const row = await refused(PUBLIC, '{"event":"call.completed","call_id":"c-2"}')
  const { advice } = await diagnosis(row.id)
  expect(advice.map(({ code }) => code)).toEqual(['older_secret'])
  expect(advice[0]?.text).toContain('accounts.MA_TEST123.auth_token held until a reload')
})

it('examines a request that is pasted, on the command line too', async () => {
  const raw = [
    `POST ${PATH} HTTP/1.1`,
    'Host: callbacks.example.com',
    'X-Vobiz-Signature-V3: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'X-Vobiz-Signature-V3-Nonce: 01234567890123456789',
    '',
    '{}',
  ].join('\r\n')
  const found = await ask<SignatureDiagnosis>('signature-doctor', { raw })
  expect(found.advice.map(({ code }) => code)).toEqual(['no_match'])
  expect(await ask('signature-doctor', { raw: 'no request' })).toMatchObject({ status: 400, code: 'usage' })
  expect(await ask('signature-doctor', { raw: 'POST /nowhere HTTP/1.1\n\n' })).toMatchObject({ status: 400 })

  const [row] = await rejected()
  const told = await cli(['doctor', 'signature', row?.id ?? '', '--url', rig.ringback.adminUrl])
  expect(told).toMatchObject({ code: 0, stderr: '' })
  expect(told.stdout).toContain('→ Vobiz still signs with the old key.')
  expect((await cli(['doctor', 'signature', '--url', rig.ringback.adminUrl])).code).toBe(2)
  const unknown = ['doctor', 'signature', '01KAJ0000000000000000000XX', '--url', rig.ringback.adminUrl]
  expect((await cli(unknown)).code).toBe(5)
})

it('shows no signature and no key, in no answer and in no log line', async () => {
  const { rows } = await rig.get<Page<CallbackRow>>('/api/v1/callbacks?result=rejected')
  const told = await Promise.all(rows.map(({ id }) => ask('signature-doctor', { callback: id })))
  const everything = JSON.stringify(told) + rig.ringback.logs()
  for (const secret of [TOKEN, RIG_SECRET]) expect(everything).not.toContain(secret)
  expect(everything).not.toMatch(/[A-Za-z0-9+/]{42}[A-Za-z0-9+/]=/)
})

it('keeps who changed what, and why, and leaves questions out', async () => {
  const { rows } = await rig.get<Page<AuditRow>>('/api/v1/audit')
  expect(rows).toMatchObject([
    { who: 'local', role: 'admin', action: 'POST /api/v1/reload', reason: 'rotated the token', status: 200 },
  ])
  const told = await cli(['audit', '--url', rig.ringback.adminUrl])
  expect(told.stdout).toContain('rotated the token')
  const none = await cli(['audit', '--who', 'nobody', '--url', rig.ringback.adminUrl])
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No change is known.\n' })
})

it('explains routes, shows settings and plans reloads on the command line', async () => {
  const explained = await run('explain', PATH, '--body', '{"application_id":"app-9"}')
  expect(explained.stdout).toContain('It goes to route MA_TEST123.')
  expect(explained.stdout).toContain('application app-9 is not configured in account MA_TEST123')
  const settings = await run('config', 'accounts.MA_TEST123')
  expect(settings.stdout).toContain('(secret) env WEBHOOK_SECRET')
  expect((await run('config', 'nothing')).code).toBe(5)
  const planned = await run('reload', '--dry-run')
  expect(planned).toMatchObject({ code: 0, stdout: '' })
  expect(planned.stderr).toContain('The file says what is in force already.')
})
