import { describe, expect, it } from 'vitest'

import { problemsOf, warningsOf } from './load-text.ts'

const withReply = (document: string, contract = 'off'): string => {
  const reply = `static_reply: ${JSON.stringify(document)}, response_contract: ${contract}`
  return `public_url: https://cb.example.com
notify: { slack: { webhook_url: { env: SLACK_WEBHOOK_URL } } }
defaults: { ${reply} }
accounts:
  - { id: MA_1, webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }, ${reply},
      applications: [{ id: a, callback_url: "https://h.example.com/", ${reply} }],
      trunks: [{ id: t, status_callback: "https://h.example.com/", ${reply} }] }
routes: [{ id: r, path: /r/, target: "https://h.example.com/", account: MA_1, ${reply} }]`
}
const everywhere = [
  'defaults',
  'accounts[0]',
  'accounts[0].applications[0]',
  'accounts[0].trunks[0]',
  'routes[0]',
]
const said = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\S+ {2}/, '')).toSorted()
const expected = (message: string): readonly string[] =>
  everywhere.map((place) => `${place}.static_reply: ${message}`).toSorted()

describe('the document that stands in for an answer', () => {
  it.each([
    ['<Response><Speak>Please call', 'is not well-formed XML (line 1, column 28)'],
    ['Please call later', 'is not well-formed XML (line 1, column 17)'],
    ['<Speak>Later</Speak>', 'begins with <Speak>, not with <Response>'],
    ['<?xml version="1.0" encoding="x-none"?><Response/>', 'is not in the encoding that it says it is in'],
  ])('is refused wherever it is set when it can be none: %s', (document, message) => {
    for (const contract of ['off', 'protect']) {
      const whole = `${message}; write it as <Response><Speak>…</Speak></Response>`
      expect(said(problemsOf(withReply(document, contract)))).toEqual(expected(whole))
    }
  })

  it.each([
    ['<Response><Sing/></Response>', 'holds <Sing>, which Vobiz does not know'],
    ['<Response><Redirect>/later</Redirect></Response>', 'has no absolute URL as the text of <Redirect>'],
    [
      '<Response><Redirect>http://h.example.com/later</Redirect></Response>',
      'has an http URL as the text of <Redirect>; use https',
    ],
  ])('is doubtful wherever it is set when Vobiz may not follow it: %s', (document, message) => {
    expect(said(warningsOf(withReply(document)))).toEqual(expected(message))
  })

  it('is nothing to speak of when it is right', () => {
    const document = '<?xml version="1.0"?>\n<Response><Speak>Später</Speak><Hangup/></Response>\n'
    expect(warningsOf(withReply(document))).toEqual([])
  })
})
