import { describe, expect, it } from 'vitest'

import { load, problemsOf } from './load-text.ts'

const withHeaders = (headers: string): string =>
  `public_url: https://cb.example.com
accounts:
  - id: MA_1
    webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }
    applications: [{ id: app, callback_url: "https://h.example.com/", callback_headers: ${headers} }]
routes: [{ id: r1, path: /r1/, target: "https://h.example.com/", account: MA_1, headers: ${headers} }]`

describe('headers that are added for a handler', () => {
  const framing = ['Content-Length', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'Proxy-Connection']
  const ours = ['Expect', 'X-Ringback-Delivery', 'X-Ringback-Anything', 'X-Forwarded-For']
  it.each([...framing, 'TE', 'Trailer', 'Upgrade', ...ours])(
    'can not be %s, in any case: it would frame the request anew or stand in it twice',
    (name) => {
      for (const written of [name, name.toLowerCase()]) {
        const message = `${written}: is written by Ringback itself; take it away, or send what it says under another name`
        expect(problemsOf(withHeaders(`{ ${written}: "1" }`))).toEqual([
          expect.stringContaining(`accounts[0].applications[0].callback_headers.${message}`),
          expect.stringContaining(`routes[0].headers.${message}`),
        ])
      }
    },
  )

  it('can not be Host, for which there is a setting', () => {
    const said = problemsOf(withHeaders('{ hOST: other.example.com }'))
    expect(said).toHaveLength(2)
    for (const line of said) {
      expect(line).toMatch(/hOST: is written by Ringback; .* use preserve_host: true$/)
    }
  })

  it('may be any other, also one that is dropped of what a sender wrote', () => {
    const headers = { 'X-API-Key': 'k', Authorization: 'Bearer t', 'X-Real-IP': '192.0.2.1', 'X-Hosted': '1' }
    const { config } = load(withHeaders(JSON.stringify(headers)))
    expect(config.routes[0]?.headers).toEqual(headers)
  })
})
