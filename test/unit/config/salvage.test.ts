import { describe, expect, it } from 'vitest'

import { completeExample } from '../../../src/config/complete-example.ts'
import { fileJsonSchema, type SchemaNode } from '../../../src/config/json-schema.ts'
import { problemsOf } from './load-text.ts'

const said = (text: string): readonly string[] =>
  problemsOf(text).map((line) => line.replace(/^\S+ {2}/, '').replace(/: .*/, ''))

describe('a setting of the wrong form does not hide what else is wrong', () => {
  it('when its section needs it', () => {
    const text = `public_url: http://cb.example.com
store: mysql:foo
accounts: [{ id: MA_1, webhook_secret: { env: VOBIZ_WEBHOOK_SECRET } }]
notify:
  slack: { webhook_url: https://hooks.slack.com/services/x }
  email: { smtp_url: { env: NOT_SET }, from: nobody, to: [ops@example.com] }`
    expect(problemsOf(text)).toEqual([
      'ringback.yaml:1:1  public_url: must be https: Vobiz dials no http URL (http is for localhost only)',
      'ringback.yaml:2:1  store: must be sqlite:PATH or postgres://user:password@host/database',
      'ringback.yaml:5:12  notify.slack.webhook_url: must be { env: NAME } or { file: PATH }; a secret is never written into the file',
      'ringback.yaml:6:12  notify.email.smtp_url: env NOT_SET is not set; set it in the environment of Ringback',
      'ringback.yaml:6:40  notify.email.from: must be an e-mail address',
    ])
  })

  it('when it is in an entry of a list, and the others stay where they are in the file', () => {
    const text = `public_url: https://cb.example.com
allow_targets: [5, 10.0.0.0/33]
accounts: [5, { id: MA_1 }]
routes:
  - { id: a, path: x, target: nowhere, signature: off, deadline: 3s, reply: ack, on_failure: relay }
  - { id: b, path: /vobiz/, target: "https://h.example.com/", signature: off }`
    expect(said(text)).toEqual([
      'allow_targets[0]',
      'allow_targets[1]',
      'accounts[0]',
      'accounts[1].signature',
      'routes[0].path',
      'routes[0].target',
      'routes[0].on_failure',
      'routes[1].path',
    ])
  })

  it('whichever required setting it is', () => {
    const required = requiredIn(fileJsonSchema(), '')
    expect(required.length).toBeGreaterThan(25)
    for (const field of required) {
      const keys = field.split('.').slice(1)
      // Only what is asked for is there, so its neighbours are missing too.
      const inner = keys.reduceRight<unknown>((value, key) => {
        return key === '[]' ? [value] : { [key]: value }
      }, 5)
      const lines = said(JSON.stringify({ ...(inner as object), public_url: 'http://cb.example.com' }))
      expect(lines).toEqual(expect.arrayContaining(['public_url', keys.join('.').replaceAll('.[]', '[0]')]))
    }
  })
})

describe('what refers to a setting of the wrong form', () => {
  it.each([
    ['the id of an account', '  - id: MA_TEST123', '  - id: MA TEST', ['accounts[0].id']],
    ['an account without an id', '  - id: MA_TEST123', '  - name: x', ['accounts[0].id', 'accounts[0].name']],
    ['the id of a route', '  - id: ivr', '  - id: "i v r"', ['routes[0].id']],
    ['a channel', 'email: { smtp_url: { env: SMTP_URL }', 'email: { smtp_url: x', ['notify.email.smtp_url']],
    ['a whole channel', /email: \{ smtp.*/, 'email: 5', ['notify.email']],
    ['an account that is named', 'account: MA_TEST123', 'account: "M A"', ['routes[0].account']],
    [
      'the same, where signatures are enforced',
      'account: MA_TEST123',
      'account: "M A"\n    signature: enforce',
      ['routes[0].account'],
    ],
    ['the tokens', /tokens: .*/, 'tokens: 5', ['admin.tokens']],
  ])('is not told to be wrong for it: %s', (_, right, wrong, fields) => {
    const text = completeExample
      .replace('listen: 127.0.0.1:8081', 'listen: 0.0.0.0:8081')
      .replace('    signature: enforce\n    kind', '    kind')
      .replace('    kind: xml', '    dialects: [v3]\n    rewrite_xml: true\n    kind: xml')
      .concat('reconciliation: { accounts: [MA_TEST123] }\n')
      .replace('resolve_after: 2', 'resolve_after: 2, routes: { ivr: { no_callbacks: { enabled: false } } }')
    expect(said(text)).toEqual([])
    expect(said(text.replace(right, wrong)).toSorted()).toEqual(fields)
  })
})

describe('a setting that a rule asks for', () => {
  it.each([
    ['basic_auth: 5', 'basic_auth'],
    ['signature: offf', 'signature'],
    ['account: "M A"', 'account'],
    ['signature: off, signing_secret: { env: VOBIZ_AUTH_TOKEN }, dialects: [trunc]', 'dialects[0]'],
  ])('is there, though of the wrong form: %s', (keys, field) => {
    const route = `{ id: a, path: /a/, target: "https://h.example.com/", ${keys} }`
    expect(said(`public_url: https://cb.example.com\nroutes: [${route}]`)).toEqual([`routes[0].${field}`])
  })

  it.each([
    ['alerts: { escalation: { channels: [slak] } }', 'alerts.escalation.channels[0]'],
    [
      'alerts: { maintenance: [{ name: m, at: ["sun 02:00-04:00"], routes: ["a b"] }] }',
      'alerts.maintenance[0].routes[0]',
    ],
    ['notify: { daily_summary: { at: "08:00", channels: [emial] } }', 'notify.daily_summary.channels[0]'],
  ])('is not told to name what nobody wrote: %s', (text, field) => {
    expect(said(text)).toEqual([field])
  })
})

/** Paths of the keys that the schema requires; a list is `[]`. References to secrets are one value. */
function requiredIn(node: SchemaNode, at: string): readonly string[] {
  const { properties = {}, required = [], items, anyOf = [] } = node
  const own = required.filter((key) => key !== 'env' && key !== 'file').map((key) => `${at}.${key}`)
  const below = Object.entries(properties).flatMap(([key, each]) => requiredIn(each, `${at}.${key}`))
  const inside = items === undefined ? [] : requiredIn(items, `${at}.[]`)
  const choices = anyOf.flatMap((each) => requiredIn(each, at))
  return [...own, ...below, ...inside, ...choices].filter((path) => !path.endsWith('.undefined'))
}
