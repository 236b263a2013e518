import { describe, expect, it } from 'vitest'

import { problemsOf, warningsOf } from './load-text.ts'

const url = 'https://h.example.com/'
/** A file that is right but for what a test adds to it. */
const withAccount = (rest: string, account = ''): string =>
  `public_url: https://cb.example.com
accounts: [{ id: MA_1, webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }${account === '' ? '' : `, ${account}`} }]
${rest}`
const withRoute = (route: string, rest = ''): string =>
  withAccount(`routes: [{ id: r1, path: /r1/, target: "${url}", account: MA_1, ${route} }]\n${rest}`)

/** Messages without their place, which other tests look at. */
const said = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\S+ {2}/, ''))

describe('what one key must be beside another', () => {
  it.each([
    [
      'public_url: http://cb.example.com',
      'public_url: must be https: Vobiz dials no http URL (http is for localhost only)',
    ],
    [
      'public_url: "https://u:p@cb.example.com"',
      'public_url: must hold no user and password; use basic_auth of an account or a route',
    ],
    ['public_url: "https://cb.example.com/?a=1"', 'public_url: must hold no query and no fragment'],
    ['public_url: cb.example.com', 'public_url: must be an https URL such as https://callbacks.example.com'],
    [
      'accounts: [{ id: M, auth_token: { env: VOBIZ_AUTH_TOKEN } }]',
      'public_url: is missing; signatures V2 and V3 cover the URL that Vobiz dials, so write that URL here',
    ],
    [
      'admin: { listen: "0.0.0.0:8081" }',
      'admin.listen: is open beyond this machine and no token is set; add admin.tokens, or listen on 127.0.0.1',
    ],
    [
      'admin: { listen: "127.0.0.1:8080" }',
      'admin.listen: uses port 8080, as listen does (line 1); choose another port',
    ],
    ['allow_targets: [10.0.0.0/33]', 'allow_targets[0]: must be an address or a range such as 10.0.0.0/8'],
    [
      'trusted_proxies: [proxy.local]',
      'trusted_proxies[0]: must be an address or a range such as 10.0.0.0/8',
    ],
    ['store: mysql://x', 'store: must be sqlite:PATH or postgres://user:password@host/database'],
    ['store: "sqlite:"', 'store: needs a path, such as sqlite:data/ringback.db'],
    [
      'tls: { cert: /nowhere/c.pem, key: /dev/null }',
      'tls.cert: cannot be read (ENOENT)|tls.key: cannot be read (not a file)',
    ],
    [
      'notify: { fallback: { channel: email } }',
      'notify.fallback.channel: email is not configured; add notify.email',
    ],
    [
      'notify: { slack: { webhook_url: { env: SLACK_WEBHOOK_URL } }, fallback: { channel: slack } }',
      'notify.fallback.channel: stands in for email, which is not configured; add notify.email or take fallback away',
    ],
    [
      'notify: { slack: { webhook_url: { env: VOBIZ_AUTH_TOKEN } } }',
      'notify.slack.webhook_url: env VOBIZ_AUTH_TOKEN must be an https URL',
    ],
    [
      'notify: { daily_summary: { at: "08:00", timezone: Mars/Base } }',
      'notify.daily_summary: goes to email or slack, which is not configured|notify.daily_summary.timezone: is not a time zone; write one such as Asia/Kolkata or UTC',
    ],
    [
      'notify: { weekly_summary: { at: "08:00", channels: [slack] } }',
      'notify.weekly_summary: goes to slack, which is not configured',
    ],
    [
      'notify: { email: { smtp_url: { env: SLACK_WEBHOOK_URL }, from: a@example.com, to: [b@example.com] } }',
      'notify.email.smtp_url: env SLACK_WEBHOOK_URL must be a URL such as smtp://user:password@host:587',
    ],
    [
      'routes: [{ id: ringback-drill, path: /r, target: "https://h.example.com", signature: off }]',
      'routes[0].id: "ringback-drill" is the route of drills; choose another',
    ],
    ...['0 10 * *', '60 10 * * mon', '0 10 * * moon', '*/0 * * * *', '5- * * * *', '0 0 0 * *'].map(
      (cron): [string, string] => [
        `alerts: { drill: { cron: "${cron}" } }`,
        'alerts.drill.cron: must be a cron expression of five fields: minute, hour, day, month, day of the week',
      ],
    ),
    [
      'defaults: { deadline: 1s, margin: 600ms }',
      'defaults.deadline: leaves handlers less than 500ms after the margin of 600ms; make it at least 1s100ms',
    ],
    [
      'accounts: [{ id: M }]',
      'accounts[0].signature: enforce needs a key: set webhook_secret or auth_token of the account, or write signature: off',
    ],
    [
      'routes: [{ id: r, path: /r, target: "https://h.example.com" }]',
      'routes[0]: has no lock: name an account, or set basic_auth, or write signature: off',
    ],
    [
      'routes: [{ id: r, path: /r, target: "https://h.example.com", signature: warn }]',
      'routes[0].signature: warn needs keys; name the account that has them: account: ID',
    ],
  ])('%s', (text, expected) => {
    expect(said(problemsOf(text)).join('|')).toBe(expected)
  })

  it.each([
    ['path: /c/x/', /path: \/vobiz\/ and \/c\/ are Ringback’s own/],
    ['path: /vobiz', /path: \/vobiz\/ and \/c\/ are Ringback’s own/],
    ['path: /a//b/', /path: holds an empty segment/],
    ['path: /a/../b/', /path: holds a dot segment/],
    ['target: "https://cb.example.com/vobiz/MA_1"', /target: points at Ringback itself/],
    ['target: "http://127.0.0.1:8080/"', /target: points at Ringback itself/],
    ['target: "https://cb.example.com/r1/x"', /target: points at Ringback itself/],
    [
      'target: "https://h.example.com/#ct=5"',
      /target: #ct= of a target URL must be 100 to 10000 milliseconds/,
    ],
    ['kind: xml, reply: ack', /reply: ack answers before the handler does/],
    ['reply: ack, on_failure: relay', /on_failure: relay cannot be with reply: ack/],
  ])('a route with %s', (route, expected) => {
    const text = withAccount(`routes: [{ ${merged(route)} }]`)
    expect(said(problemsOf(text))).toEqual([expect.stringMatching(expected)])
  })

  it('takes ids of accounts, applications, trunks and routes for one name space', () => {
    const part = `applications: [{ id: same, callback_url: "${url}" }], trunks: [{ id: same, status_callback: "${url}" }]`
    const text = withAccount(`routes: [{ id: MA_1.calls, path: /x, target: "${url}", account: MA_1 }]`, part)
    expect(said(problemsOf(text))).toEqual([
      'accounts[0].trunks[0].id: "same" is used already on line 2; ids name routes in metrics and alerts, choose another',
      'routes[0].id: "MA_1.calls" is used already on line 2; ids name routes in metrics and alerts, choose another',
    ])
  })

  it('takes a path with and without its last slash for the same', () => {
    const text = withAccount(`routes:
  - { id: a, path: /x/, target: "${url}", account: MA_1 }
  - { id: b, path: /x, target: "${url}", account: MA_1 }`)
    expect(said(problemsOf(text))).toEqual([
      'routes[1].path: is the path of the route on line 4 already; give each route its own',
    ])
  })
})

describe('what works and is doubtful', () => {
  const quiet = 'notify: { slack: { webhook_url: { env: SLACK_WEBHOOK_URL } } }\n'
  it.each([
    [
      withRoute('fallback_target: "http://10.1.2.3/"', quiet),
      'routes[0].fallback_target: 10.1.2.3 is a private address and will not be dialled; to allow it write allow_targets: [10.0.0.0/8]',
    ],
    [
      withRoute('fallback_target: "http://169.254.169.254/"', quiet),
      'routes[0].fallback_target: 169.254.169.254 is a private address and will not be dialled; to allow it write allow_targets: [169.254.169.254/32]',
    ],
    [
      withRoute('fallback_target: "http://[::1]:9/"', quiet),
      'routes[0].fallback_target: [::1] is a private address and will not be dialled; to allow it write allow_targets: [::1/128]',
    ],
    [
      withRoute('fallback_target: "http://h.example.com/"', quiet),
      'routes[0].fallback_target: is http: callbacks would cross the network in clear text; use https',
    ],
    [
      withRoute('signature: off', quiet),
      'routes[0].signature: is off: whoever knows the URL can send callbacks to the handler',
    ],
    [
      withRoute('kind: xml, on_failure: rescue', quiet),
      'routes[0].on_failure: has no effect on kind: xml, because a call cannot wait; set static_reply instead',
    ],
    [
      withRoute('kind: xml', `${quiet}replay_window: 5m`),
      'replay_window: is shorter than a signature is valid (10m), so a recorded request could be sent again',
    ],
    [
      withRoute('kind: xml', `${quiet}ledger: { keep: 1h }`),
      'ledger.keep: is shorter than all waits of rescue.schedule together (22h12m36s); keep callbacks longer',
    ],
    [
      withRoute('kind: xml', `${quiet}rescue: { schedule: [5s, 1s] }`),
      'rescue.schedule[1]: is shorter than the wait before it; waits usually grow',
    ],
    [
      withRoute('kind: xml'),
      'notify: has no channel, so nobody is told when callbacks break; add slack or email',
    ],
    [
      `${quiet}admin: { listen: "127.0.0.1:1" }`,
      'no account and no route is configured, so every callback is answered 404',
    ],
    [
      withRoute('kind: xml', `${quiet}store: "postgres://u:hush@db/x"`),
      'store: holds a password in the file; write store: { env: NAME } and set the URL in the environment',
    ],
  ])('%#', (text, expected) => {
    expect(said(warningsOf(text))).toEqual([expected])
  })

  it.each([
    'http://handler:3000/',
    'http://handler.svc.cluster.internal/',
    'http://10.9.8.7/',
    'http://localhost:3000/',
  ])('nothing is wrong with %s inside an allowed network', (target) => {
    const text = withRoute(`fallback_target: "${target}"`, `${quiet}allow_targets: [10.0.0.0/8, 127.0.0.1]`)
    expect(warningsOf(text)).toEqual([])
  })

  it('an application stricter than its account makes the account’s URL as strict', () => {
    const part = `signature: warn, applications: [{ id: a, callback_url: "${url}", signature: enforce }]`
    expect(said(warningsOf(withAccount(quiet, part)))).toEqual([
      'accounts[0].applications[0].signature: is stricter than its account, so the URL /vobiz/MA_1 enforces signatures too: its payload could name this entry',
    ])
  })
})

/** A route entry with some of its keys replaced. */
function merged(keys: string): string {
  const base = { id: 'r1', path: '/r1/', target: `"${url}"`, account: 'MA_1' }
  const rest = Object.entries(base).filter(([key]) => !keys.startsWith(`${key}:`))
  return [...rest.map(([key, value]) => `${key}: ${value}`), keys].join(', ')
}
