import { expect, it } from 'vitest'

import { keyRings } from '../../../src/routing/key-rings.ts'
import { createRouteTable } from '../../../src/routing/table.ts'
import { configOf, key } from './config-of.ts'

const config = configOf({
  accounts: [
    {
      id: 'MA_1',
      webhook_secret: key,
      auth_token: key,
      default_callback_url: 'https://h.example.com/',
      applications: [
        { id: 'plain', callback_url: 'https://h.example.com/' },
        { id: 'narrow', callback_url: 'https://h.example.com/', dialects: ['v3'] },
      ],
      trunks: [{ id: 'signed', status_callback: 'https://h.example.com/', signing_secret: { env: 'KEY_2' } }],
    },
  ],
  routes: [
    {
      id: 'wa',
      path: '/wa',
      target: 'https://h.example.com/',
      signing_secret: { env: 'KEY_2' },
      dialects: ['whatsapp'],
    },
    { id: 'ivr', path: '/ivr/', target: 'https://h.example.com/', account: 'MA_1' },
    { id: 'open', path: '/open/', target: 'https://h.example.com/', signature: 'off' },
  ],
})

it('every URL is verified by the most specific ring that was declared for it', () => {
  const table = createRouteTable(config)
  const rings = keyRings(config)
  const ringAt = (path: string) => table.scopeOf(path)?.ring
  expect(ringAt('/vobiz/MA_1')).toBe('MA_1')
  expect(ringAt('/vobiz/MA_1/applications/plain')).toBe('MA_1')
  expect(ringAt('/vobiz/MA_1/applications/narrow')).toBe('MA_1/applications/narrow')
  expect(ringAt('/vobiz/MA_1/trunks/signed')).toBe('MA_1/trunks/signed')
  expect(ringAt('/vobiz/MA_1/trunks/gone')).toBe('MA_1')
  expect(ringAt('/wa')).toBe('routes/wa')
  expect(ringAt('/ivr/x')).toBe('MA_1')
  expect(ringAt('/open/x')).toBe('')
  expect([...rings.keys()]).toEqual(['MA_1', 'MA_1/applications/narrow', 'MA_1/trunks/signed', 'routes/wa'])
})

it('a secret of its own is the declaration; the account’s keys do not open that URL too', () => {
  const rings = keyRings(config)
  expect(rings.get('MA_1')?.dialects).toBeUndefined()
  expect(rings.get('MA_1/applications/narrow')?.dialects).toEqual(['v3'])
  expect(rings.get('MA_1/trunks/signed')?.dialects).toEqual(['trunk'])
  expect(rings.get('routes/wa')).toMatchObject({
    authTokens: [],
    signingSecrets: ['another-key-of-good-length'],
    dialects: ['whatsapp'],
  })
})

it('a route with a secret and no account enforces; one without either cannot', () => {
  const routes = createRouteTable(config).routes
  expect(routes.find(({ id }) => id === 'wa')?.signature).toBe('enforce')
  expect(routes.find(({ id }) => id === 'open')?.signature).toBe('off')
})
