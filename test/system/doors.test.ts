import { describe, expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { AccountRig } from '../support/account-rig.ts'
import { plainPost } from '../support/signed-post.ts'
import { waitFor } from '../support/wait-for.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function authorization(text: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}

describe('the door of a route', () => {
  it('asks for user and password where they are configured', async () => {
    await using rig = await AccountRig.start({
      account: '    basic_auth: [{ user: vobiz, password: { env: PASSWORD } }]\n',
      env: { PASSWORD: 'a-good-password-0123' },
    })
    expect((await rig.post({ call_id: 'none' })).status).toBe(401)
    expect((await rig.post({ call_id: 'wrong' }, authorization('vobiz:wrong'))).status).toBe(401)
    expect((await rig.post({ call_id: 'right' }, authorization('vobiz:a-good-password-0123'))).status).toBe(
      200,
    )
    expect(rig.handler.requests.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
      expect.objectContaining({ call_id: 'right' }),
    ])
    expect(rig.handler.requests[0]?.header('authorization')).toBeUndefined()
  })

  it('lets the unsigned in with `signature: warn`, and says so', async () => {
    await using rig = await AccountRig.start({ account: '    signature: warn\n' })
    const url = `${rig.ringback.publicUrl}/vobiz/MA_TEST123`
    expect((await plainPost(url, '{"event":"call.completed","call_id":"unsigned"}', JSON_TYPE)).status).toBe(
      200,
    )
    expect((await rig.post({ call_id: 'signed' })).status).toBe(200)
    const rows = await waitFor('both rows', async () => {
      const page = await rig.get<Page<CallbackRow>>('/api/v1/callbacks')
      return page.rows.filter(({ result }) => result === 'delivered').length === 2 && page.rows
    })
    expect(Object.fromEntries(rows.map(({ call_id, verdict }) => [call_id, verdict]))).toEqual({
      signed: 'verified',
      unsigned: 'warned',
    })
    const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
    expect(metrics).toMatch(/signature_failures_total\{route="MA_TEST123",reason="signature_missing"\} 1/)
  })
})
