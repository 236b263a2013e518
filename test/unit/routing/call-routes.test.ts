import { describe, expect, it } from 'vitest'

import { createRouteTable } from '../../../src/routing/table.ts'
import { configOf, facts, key, registration } from './config-of.ts'

const config = configOf({
  accounts: [{ id: 'MA_1', webhook_secret: key, default_callback_url: 'https://default.example.com/' }],
})
const table = () => createRouteTable(config)
const root = '/vobiz/MA_1'

function targetOf(of: ReturnType<typeof table>, path: string, callId = ''): string | undefined {
  const scope = of.scopeOf(path)
  return scope === undefined ? undefined : of.resolve(scope, facts({ callId }))?.targets[0].label
}

describe('a per-call registration', () => {
  it('takes effect at once, under the account’s policy and one id for all', () => {
    const routes = table()
    expect(routes.registrations.add(registration({ method: 'GET', events: ['call.completed'] }))).toBe(true)
    expect(routes.scopeOf('/c/tok-1')).toMatchObject({ account: 'MA_1', signature: 'enforce' })
    expect(routes.scopeOf('/c/tok-1')?.route).toMatchObject({
      id: 'MA_1.calls',
      method: 'GET',
      events: new Set(['call.completed']),
    })
    expect(targetOf(routes, root, 'call-1')).toBe('https://call.example.com/hook')
  })

  it('ends when it is removed, and at its expiry', () => {
    const routes = table()
    for (const token of ['a', 'b', 'c']) {
      routes.registrations.add(
        registration({ token, call_id: `call-${token}`, expires_at: token === 'c' ? 2000 : 1000 }),
      )
    }
    expect(routes.registrations.remove('a')).toBe(true)
    expect(routes.registrations.remove('a')).toBe(false)
    expect(routes.registrations.expire(999)).toBe(0)
    expect(routes.registrations.expire(1000)).toBe(1)
    expect(routes.registrations.list().map(({ token }) => token)).toEqual(['c'])
    expect(targetOf(routes, '/c/b')).toBeUndefined()
    expect(targetOf(routes, root, 'call-b')).toBe('https://default.example.com/')
    expect(targetOf(routes, root, 'call-c')).toBe('https://call.example.com/hook')
  })

  it('of a call that is registered again wins; the end of the first one does not end it', () => {
    const routes = table()
    routes.registrations.add(registration({ token: 'first' }))
    routes.registrations.add(registration({ token: 'second', target: 'https://second.example.com/' }))
    routes.registrations.remove('first')
    expect(targetOf(routes, root, 'call-1')).toBe('https://second.example.com/')
  })

  it('with a token that is taken replaces the one before', () => {
    const routes = table()
    routes.registrations.add(registration())
    routes.registrations.add(registration({ call_id: 'call-2', target: 'https://second.example.com/' }))
    expect(targetOf(routes, '/c/tok-1')).toBe('https://second.example.com/')
    expect(targetOf(routes, root, 'call-1')).toBe('https://default.example.com/')
    expect(routes.registrations.list()).toHaveLength(1)
  })

  it('without a call id claims its own URL only', () => {
    const routes = table()
    routes.registrations.add(registration({ call_id: '' }))
    expect(targetOf(routes, root, '')).toBe('https://default.example.com/')
    expect(targetOf(routes, '/c/tok-1')).toBe('https://call.example.com/hook')
  })

  it('of an unknown account is refused, and a target that cannot be dialled throws and changes nothing', () => {
    const routes = table()
    expect(routes.registrations.add(registration({ account: 'MA_9' }))).toBe(false)
    expect(() => routes.registrations.add(registration({ target: 'ftp://x' }))).toThrow(RangeError)
    expect(routes.registrations.list()).toEqual([])
  })

  it('shares one route with all that are registered alike, until the last of them ends', () => {
    const routes = table()
    for (const token of ['a', 'b']) routes.registrations.add(registration({ token, call_id: token }))
    const first = routes.scopeOf('/c/a')?.route
    expect(routes.scopeOf('/c/b')?.route).toBe(first)
    routes.registrations.remove('a')
    routes.registrations.add(registration({ token: 'c', call_id: 'c' }))
    expect(routes.scopeOf('/c/c')?.route).toBe(first)
    routes.registrations.expire(Infinity)
    routes.registrations.add(registration())
    expect(routes.scopeOf('/c/tok-1')?.route).not.toBe(first)
  })

  it('moves on to the table of a new configuration', () => {
    const routes = table()
    routes.registrations.add(registration())
    const next = createRouteTable(config, routes.registrations.list())
    expect(targetOf(next, '/c/tok-1')).toBe('https://call.example.com/hook')
  })
})
