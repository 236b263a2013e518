import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createRouteTable } from '../../../src/routing/table.ts'
import { configOf, facts, key, registration } from './config-of.ts'

const account = {
  id: 'MA_1',
  webhook_secret: key,
  default_callback_url: 'https://default.example.com/',
  applications: [
    { id: 'app-1', callback_url: 'https://app.example.com/' },
    { id: 'app-lax', callback_url: 'https://app.example.com/', signature: 'off' },
  ],
  trunks: [{ id: 'trunk-1', status_callback: 'https://trunk.example.com/' }],
}
const open = { signature: 'off', target: 'https://ivr.example.com/' }
const table = createRouteTable(
  configOf({
    accounts: [account, { id: 'MA_2', webhook_secret: key }],
    routes: [
      { id: 'ivr', path: '/ivr', ...open },
      { id: 'sales', path: '/ivr/sales/', ...open },
      { id: 'all', path: '/', ...open },
    ],
  }),
  [registration()],
)
const root = '/vobiz/MA_1'

function explained(path: string, some: Parameters<typeof facts>[0] = {}): readonly string[] {
  return table
    .explain(path, facts(some))
    .map(({ scope, route, isChosen, why }) => `${isChosen ? '*' : ' '}${scope} ${route}: ${why}`)
}

describe('on the URL of an account', () => {
  it('says why each more specific level did not apply', () => {
    expect(explained(root, { callId: 'call-9', application: 'app-x' })).toEqual([
      ' call : no URL is registered for call call-9',
      ' application : application app-x is not configured in account MA_1',
      ' trunk : the callback names no trunk',
      '*account MA_1: default_callback_url of account MA_1 takes what nothing else claims',
    ])
  })
  it('does not ask further once a level took it', () => {
    expect(explained(root, { application: 'app-1', trunk: 'trunk-1' })).toEqual([
      ' call : the callback names no call id',
      '*application app-1: the callback names application app-1',
      ' trunk trunk-1: not asked: application comes first',
      ' account MA_1: not asked: application comes first',
    ])
  })
  it('says that nothing takes it when the account has no default', () => {
    expect(explained('/vobiz/MA_2').at(-1)).toBe(' account : account MA_2 has no default_callback_url')
  })
  it('names the accounts there are for an unknown one, and the form of its URLs for a known one', () => {
    expect(explained('/vobiz/MA_9')).toEqual([' account : there is no account MA_9; configured: MA_1, MA_2'])
    expect(explained('/vobiz/MA_1/')).toEqual([
      ' account : account MA_1 has no such URL: it is /vobiz/MA_1, and below it only /applications/ID and /trunks/ID',
    ])
  })
})

describe('on the URL of an application', () => {
  it('is its own route, unless its call was registered', () => {
    expect(explained(`${root}/applications/app-1`, { trunk: 'trunk-1' })).toEqual([
      ' call : the callback names no call id',
      '*application app-1: the path is that of the application',
    ])
    expect(explained(`${root}/applications/app-1`, { callId: 'call-1' })[0]).toBe(
      '*call MA_1.calls: a URL is registered for call call-1',
    )
  })
  it('says that a registered call asks for a stricter check than the URL makes', () => {
    expect(explained(`${root}/applications/app-lax`, { callId: 'call-1' })).toEqual([
      ' call MA_1.calls: its registration asks for signature: enforce, and this URL checks only off',
      '*application app-lax: the path is that of the application',
    ])
  })
})

describe('on other paths', () => {
  it('takes the longest prefix, and says which shorter ones fit too', () => {
    expect(explained('/ivr/sales/1')).toEqual([
      '*path sales: the path begins with /ivr/sales/',
      ' path ivr: /ivr fits too, but /ivr/sales/ is longer',
      ' path all: / fits too, but /ivr/sales/ is longer',
    ])
  })
  it('says what is wrong with a path that nearly fits', () => {
    expect(explained('/ivr/sales')[0]).toBe(
      ' path sales: /ivr/sales/ takes only what is below it; the path lacks the slash at its end',
    )
    expect(explained('/IVR/1')[1]).toBe(' path ivr: /ivr differs in upper and lower case')
    expect(explained('/ivr/%2e%2e/x').find((line) => line.includes('dot segment'))).toContain(
      'goes to no route',
    )
  })
  it('knows a per-call URL by its token', () => {
    expect(explained('/c/tok-1')[0]).toMatch(/^\*call MA_1.calls: /)
    expect(explained('/c/tok-9')).toEqual([
      ' call : no URL is registered under this token; it may have expired',
    ])
  })
})

it('always names the route that the table takes', () => {
  const ids = fc.constantFrom('', 'x', 'call-1', 'app-1', 'trunk-1')
  const paths = fc.oneof(
    fc.constantFrom(root, `${root}/applications/app-1`, `${root}/applications/gone`, `${root}/trunks/trunk-1`,
      '/vobiz/MA_2', '/vobiz/x', '/c/tok-1', '/c/x'), // prettier-ignore
    fc
      .array(fc.constantFrom('ivr', 'sales', 'IVR', '..', ''), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`),
  )
  fc.assert(
    fc.property(paths, ids, ids, ids, (path, callId, application, trunk) => {
      const known = facts({ callId, application, trunk })
      const scope = table.scopeOf(path)
      const route = scope === undefined ? undefined : table.resolve(scope, known)
      const chosen = table.explain(path, known).filter(({ isChosen }) => isChosen)
      expect(chosen.map((step) => step.route)).toEqual(route === undefined ? [] : [route.id])
    }),
  )
})
