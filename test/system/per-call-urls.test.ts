import { describe, expect, it } from 'vitest'

import type { CallRegistration, RegisteredCall } from '../../src/admin/api.ts'
import { AccountRig, RIG_SECRET } from '../support/account-rig.ts'
import { type Answered, signedPost } from '../support/signed-post.ts'
import { startTarget } from '../support/target-server.ts'

async function register(rig: AccountRig, registration: CallRegistration): Promise<RegisteredCall> {
  const response = await fetch(`${rig.ringback.adminUrl}/api/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(registration),
  })
  expect(response.status).toBe(201)
  return (await response.json()) as RegisteredCall
}

async function postTo(rig: AccountRig, publicUrl: string, fields: object): Promise<Answered> {
  return signedPost({
    dialect: 'timestamp',
    secret: RIG_SECRET,
    publicUrl,
    sendTo: rig.ringback.publicUrl + new URL(publicUrl).pathname,
    body: JSON.stringify(fields),
  })
}

describe('a callback URL of one call', () => {
  it('takes the callbacks of that call, with its own method and events, and survives a kill', async () => {
    await using rig = await AccountRig.start()
    await using other = await startTarget()
    const call = await register(rig, {
      account: 'MA_TEST123',
      call_id: 'call-77',
      callback_url: `${other.origin}/special?from=test`,
      callback_method: 'GET',
      callback_events: ['answered', 'completed'],
    })
    expect(call.public_url).toMatch(/^https:\/\/callbacks\.example\.com\/c\/[\w-]+$/)
    await rig.ringback.kill()
    await rig.startAgain()

    // By its URL, and by its call id on the account's URL.
    expect((await postTo(rig, call.public_url, { event: 'call.answered', call_id: 'call-77' })).status).toBe(
      200,
    )
    expect((await rig.post({ call_id: 'call-77' })).status).toBe(200)
    expect(other.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
    expect(other.requests[0]?.target).toMatch(/^\/special\?from=test/)
    // An event that is not wanted is answered and goes nowhere.
    expect((await postTo(rig, call.public_url, { event: 'call.initiated', call_id: 'call-77' })).status).toBe(
      200,
    )
    expect(other.requests).toHaveLength(2)
    // Another call is none of its business; a wrong token is nobody's.
    expect((await rig.post({ call_id: 'call-78' })).status).toBe(200)
    expect(rig.handler.requests).toHaveLength(1)
    expect((await postTo(rig, 'https://callbacks.example.com/c/unknown-token', {})).status).toBe(404)

    const removed = await fetch(`${rig.ringback.adminUrl}/api/v1/calls/${call.token}`, { method: 'DELETE' })
    expect(removed.status).toBe(204)
    expect((await rig.post({ call_id: 'call-77', after: 'removal' })).status).toBe(200)
    expect(rig.handler.requests).toHaveLength(2)
  })
})
