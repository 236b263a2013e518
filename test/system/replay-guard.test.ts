import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { sign } from '../../src/verify/signing/sign.ts'
import { AccountRig, RIG_SECRET } from '../support/account-rig.ts'
import { plainPost } from '../support/signed-post.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const PATH = '/vobiz/MA_TEST123'
const baseUrl = `https://callbacks.example.com${PATH}`

/** Signs one callback; the result sends it, as often as it is called, with the same signature. */
function signed(rig: AccountRig, body: string): () => ReturnType<typeof plainPost> {
  const bytes = Buffer.from(body)
  const nowSeconds = Math.floor(Date.now() / 1000)
  const signature = sign('timestamp', { secret: RIG_SECRET, baseUrl, body: bytes, nowSeconds, nonce: '' })
  return () =>
    plainPost(rig.ringback.publicUrl + PATH, bytes, { 'content-type': 'application/json', ...signature })
}

async function delivered(rig: AccountRig, callId: string): Promise<void> {
  await waitFor('the row', async () => {
    const response = await fetch(`${rig.ringback.adminUrl}/api/v1/calls/${callId}`)
    return response.ok && (await response.text()).includes('"result":"delivered"')
  })
}

it('a repeat of what was delivered is answered as before and not delivered again, also after a kill', async () => {
  await using rig = await AccountRig.start()
  const send = signed(rig, '{"event":"call.completed","call_id":"repeated"}')
  expect(await send()).toMatchObject({ status: 200 })
  expect(await send()).toMatchObject({ status: 200 })
  expect(rig.handler.requests).toHaveLength(1)
  await delivered(rig, 'repeated')
  await rig.ringback.kill()
  await rig.startAgain()
  expect(await send()).toMatchObject({ status: 200 })
  expect(rig.handler.requests).toHaveLength(1)
})

it('what a stop left beside the ledger is known to the starts after it, and the ledger where it is damaged', async () => {
  await using rig = await AccountRig.start()
  const file = join(rig.folder, 'ringback.db.guards')
  const asked = 'is read from the ledger'
  const first = signed(rig, '{"event":"call.completed","call_id":"before-the-stop"}')
  expect(await first()).toMatchObject({ status: 200 })
  expect(await rig.ringback.stop()).toBe(0)
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  await rig.startAgain()
  const second = signed(rig, '{"event":"call.completed","call_id":"before-the-kill"}')
  expect(await second()).toMatchObject({ status: 200 })
  await delivered(rig, 'before-the-kill')
  await rig.ringback.kill()

  await rig.startAgain()
  for (const send of [first, second]) expect(await send()).toMatchObject({ status: 200 })
  expect(rig.ringback.logs()).not.toContain(asked)
  expect(await rig.ringback.stop()).toBe(0)

  const bytes = await readFile(file)
  await writeFile(file, bytes.fill(0, bytes.length - 100))
  await rig.startAgain()
  expect(rig.ringback.logs()).toContain(asked)
  for (const send of [first, second]) expect(await send()).toMatchObject({ status: 200 })
  expect(rig.handler.requests).toHaveLength(2)
})

it('after a kill requests are known that were written on the way, and those that came since, damaged or not', async () => {
  await using rig = await AccountRig.start()
  const file = join(rig.folder, 'ringback.db.guards')
  const asked = 'is read from the ledger'
  const early = Array.from({ length: 8_400 }, (_, i) =>
    signed(rig, `{"event":"call.completed","call_id":"early-${i}"}`),
  )
  const waiting = early.values()
  const sendOneByOne = async (): Promise<void> => {
    for (const send of waiting) expect((await send()).status).toBe(200)
  }
  await Promise.all(Array.from({ length: 32 }, sendOneByOne))
  await waitFor('the guards', () => (existsSync(file) ? true : undefined))
  const late = signed(rig, '{"event":"call.completed","call_id":"late"}')
  expect(await late()).toMatchObject({ status: 200 })
  await delivered(rig, 'late')

  const some = [...early.filter((_, i) => i % 700 === 0), ...early.slice(-3), late]
  for (const isDamaged of [false, true]) {
    await rig.ringback.kill()
    if (isDamaged) await writeFile(`${file}.pieces`, (await readFile(`${file}.pieces`)).fill(1))
    await rig.startAgain()
    expect(rig.ringback.logs().includes(asked)).toBe(isDamaged)
    for (const send of some) expect(await send()).toMatchObject({ status: 200 })
    expect(rig.handler.requests).toHaveLength(early.length + 1)
  }
})

it('a repeat of what failed is tried again, also after a restart', async () => {
  await using rig = await AccountRig.start()
  const send = signed(rig, '{"event":"call.completed","call_id":"failed-first"}')
  rig.handler.behave(() => behaviours.status(503))
  expect(await send()).toMatchObject({ status: 503 })
  expect(await send()).toMatchObject({ status: 503 })
  await rig.ringback.stop()
  await rig.startAgain()
  rig.handler.behave(behaviours.ok)
  expect(await send()).toMatchObject({ status: 200 })
  expect(rig.handler.requests).toHaveLength(3)
})

it('a known nonce with another body is refused, also after a restart', async () => {
  await using rig = await AccountRig.start({
    account: '    auth_token: { env: AUTH_TOKEN }\n',
    env: { AUTH_TOKEN: 'auth-token-replay-0123456789' },
  })
  const nonce = '12345678901234567890'
  const secret = 'auth-token-replay-0123456789'
  const signature = sign('v3', { secret, baseUrl, body: Buffer.from(''), nowSeconds: 0, nonce })
  const send = (body: string): ReturnType<typeof plainPost> =>
    plainPost(rig.ringback.publicUrl + PATH, body, {
      'content-type': 'application/x-www-form-urlencoded',
      ...signature,
    })
  expect(await send('Event=Hangup&CallUUID=c1&Duration=1')).toMatchObject({ status: 200 })
  expect((await send('Event=Hangup&CallUUID=c1&Duration=999')).status).toBe(401)
  await rig.ringback.stop()
  await rig.startAgain()
  expect((await send('Event=Hangup&CallUUID=c1&Duration=999')).status).toBe(401)
  expect(rig.handler.requests).toHaveLength(1)
})
