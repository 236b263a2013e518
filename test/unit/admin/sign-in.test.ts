import { describe, expect, it } from 'vitest'

import type { Problem, SessionView } from '../../../src/admin/api.ts'
import { startAdmin, token } from '../../support/admin-parts.ts'

const tokens = [token('reader', 'read'), token('boss', 'admin')]

function signIn(url: string, secret: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token: secret }),
  })
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

describe('signing a browser in', () => {
  it('takes a token once and gives a cookie that scripts and other sites never see', async () => {
    await using admin = await startAdmin({ tokens })
    const before = (await (await fetch(`${admin.url}/api/v1/session`)).json()) as SessionView
    expect(before).toEqual({ needs_token: true, name: null, role: null })

    const response = await signIn(admin.url, 'boss-token-0123456789')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ needs_token: true, name: 'boss', role: 'admin' })
    const [set = ''] = response.headers.getSetCookie()
    expect(set).toMatch(/^ringback_session=[\w-]{43}; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    expect(set).not.toContain('boss-token')

    const cookie = cookieOf(response)
    expect((await fetch(`${admin.url}/api/v1/callbacks`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${admin.url}/api/v1/callbacks`)).status).toBe(401)
    expect(admin.parts.audited).toMatchObject([{ who: 'boss', action: 'POST /api/v1/session', status: 200 }])
  })

  it('marks the cookie Secure where the page came over TLS', async () => {
    await using admin = await startAdmin({ tokens })
    const response = await signIn(admin.url, 'boss-token-0123456789', {
      origin: admin.url.replace('http:', 'https:'),
    })
    expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/)
  })

  it('changes nothing for a cookie without the page’s own header, so that no other site can', async () => {
    await using admin = await startAdmin({ tokens })
    const cookie = cookieOf(await signIn(admin.url, 'boss-token-0123456789'))
    const reload = (headers: Record<string, string>) =>
      fetch(`${admin.url}/api/v1/reload`, { method: 'POST', headers: { cookie, ...headers } })
    const refused = await reload({})
    expect(refused.status).toBe(403)
    expect(((await refused.json()) as Problem).code).toBe('page_header_needed')
    expect((await reload({ 'x-ringback-page': '1' })).status).toBe(200)
    expect((await reload({ 'x-ringback-page': '1', origin: 'https://evil.test' })).status).toBe(403)
  })

  it('holds a session to the role of its token', async () => {
    await using admin = await startAdmin({ tokens })
    const cookie = cookieOf(await signIn(admin.url, 'reader-token-0123456789'))
    const headers = { cookie, 'x-ringback-page': '1' }
    expect((await fetch(`${admin.url}/api/v1/status`, { headers })).status).toBe(200)
    expect((await fetch(`${admin.url}/api/v1/reload`, { method: 'POST', headers })).status).toBe(403)
  })

  it('ends a session when it is signed out, and after twelve hours', async () => {
    await using admin = await startAdmin({ tokens })
    const status = async (cookie: string) =>
      (await fetch(`${admin.url}/api/v1/status`, { headers: { cookie } })).status
    const first = cookieOf(await signIn(admin.url, 'boss-token-0123456789'))
    const second = cookieOf(await signIn(admin.url, 'boss-token-0123456789'))
    const out = await fetch(`${admin.url}/api/v1/session`, { method: 'DELETE', headers: { cookie: first } })
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([
      204,
      'ringback_session=; HttpOnly; SameSite=Strict; Max-Age=0',
    ])
    expect([await status(first), await status(second)]).toEqual([401, 200])
    admin.parts.nowMs += 12 * 3_600_000
    expect(await status(second)).toBe(401)
  })

  it('counts wrong tokens like everywhere else', async () => {
    await using admin = await startAdmin({ tokens })
    const answers: number[] = []
    for (let n = 0; n < 11; n++) answers.push((await signIn(admin.url, `wrong-${n}`)).status)
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  })

  it('asks for nothing on this machine where no token is configured', async () => {
    await using admin = await startAdmin()
    expect(await (await fetch(`${admin.url}/api/v1/session`)).json()).toEqual({
      needs_token: false,
      name: 'local',
      role: 'admin',
    })
  })
})
