import { expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/ledger/rows.ts'
import { request, startHttpRig } from '../support/http-rig.ts'
import { exchange } from '../support/raw-http.ts'
import { waitFor } from '../support/wait-for.ts'

it('callbacks come only from the addresses of the provider, as far as trusted proxies vouch for them', async () => {
  await using rig = await startHttpRig(
    'trusted_proxies: [127.0.0.1]\nprovider_addresses: [15.206.6.156, 35.154.0.0/16]\n',
  )
  const from = async (forwardedFor: string): Promise<number | undefined> => {
    const headers = [['X-Forwarded-For', forwardedFor]] as const
    const { answer } = await exchange(rig.port, request('POST /raw/hook HTTP/1.1', headers, 'x'))
    return answer?.status
  }
  expect(await from('15.206.6.156')).toBe(200)
  expect(await from('203.0.113.9, 35.154.59.246')).toBe(200)
  expect(rig.upstream.take()).toHaveLength(2)

  expect(await from('203.0.113.9')).toBe(403)
  expect(await from('15.206.6.156, 203.0.113.9')).toBe(403)
  expect(await from('nonsense')).toBe(403)
  expect(rig.upstream.take()).toEqual([])

  const { rows } = await waitFor('refusals', async () => {
    const response = await fetch(`${rig.ringback.adminUrl}/api/v1/callbacks?result=rejected`)
    const page = (await response.json()) as Page<CallbackRow>
    return page.rows.length === 3 && page
  })
  expect(rows.map(({ reason, peer }) => `${reason} ${peer}`).toSorted()).toEqual([
    'address 127.0.0.1',
    'address 203.0.113.9',
    'address 203.0.113.9',
  ])
  const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
  expect(metrics).toMatch(/callbacks_received_total\{route="raw",event="[^"]*",verdict="address"\} 3/)
})
