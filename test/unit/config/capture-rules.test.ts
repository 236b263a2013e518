import { describe, expect, it } from 'vitest'

import { changesBetween } from '../../../src/config/reload.ts'
import type { Config } from '../../../src/config/schema.ts'
import { configOf } from '../routing/config-of.ts'
import { problemsOf, warningsOf } from './load-text.ts'

const text = (rest: string): string => `public_url: https://cb.example.com
accounts: [{ id: MA_1, auth_token: { env: VOBIZ_AUTH_TOKEN } }]
${rest}`

/** Messages without their place, which other tests look at. */
const said = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/^\S+ {2}/, '')).filter((line) => /capture|rewrite|public_url/.test(line))

function withHosts(hosts: readonly string[]): Config {
  return configOf({ capture: { target_hosts: hosts } })
}

function needs(before: Config, after: Config): readonly boolean[] {
  return changesBetween(before, after).map(({ needsRestart }) => needsRestart)
}

describe('capture', () => {
  it.each([
    [
      'capture: { target_hosts: ["https://api.example.com"] }',
      'capture.target_hosts[0]: must be a host such as api.example.com, or a host and a port',
    ],
    [
      'capture: { target_hosts: [api.example.com], api_base: "http://api.example.com" }',
      'capture.api_base: must be https: requests to the API carry credentials',
    ],
    [
      'capture: { target_hosts: [api.example.com], api_base: "http://127.0.0.1:9" }',
      'capture.api_base: points at a private address; to allow it write allow_targets: [127.0.0.0/8]',
    ],
    [
      'capture: { target_hosts: [api.example.com], api_base: "https://u:p@api.vobiz.ai" }',
      'capture.api_base: must hold no user, password, query or fragment',
    ],
    [
      'routes: [{ id: r, path: /r/, target: "https://h.example.com/", signature: off, rewrite_xml: true }]',
      'routes[0].rewrite_xml: needs an account: captured callbacks are checked with its keys; add account to this route',
    ],
  ])('%s is refused', (rest, problem) => {
    expect(said(problemsOf(text(rest)))).toEqual([problem])
  })

  it('needs the URL that captured ones begin with', () => {
    const local = 'accounts: [{ id: MA_1, webhook_secret: { env: VOBIZ_WEBHOOK_SECRET } }]\n'
    const missing =
      'public_url: is missing; captured URLs begin with it, so write the https URL that Vobiz dials'
    expect(said(problemsOf(`${local}capture: { target_hosts: [api.example.com] }`))).toEqual([missing])
    expect(said(problemsOf(local.replace('MA_1,', 'MA_1, rewrite_xml: true,')))).toEqual([missing])
  })

  it('warns of a port that is open beyond the machine, and of hosts that are missing', () => {
    expect(said(warningsOf(text('capture: { listen: "0.0.0.0:8082" }')))).toEqual([
      'capture.target_hosts: is empty, so no URL is captured; list the hosts of your handlers',
      'capture.listen: is open beyond this machine: API credentials cross the network in clear text, and nobody is asked who they are',
    ])
    expect(said(warningsOf(text('capture: { target_hosts: [api.example.com, "10.0.0.5:5000"] }')))).toEqual(
      [],
    )
  })

  it('takes new hosts at a reload, but its port and its API only at a start', () => {
    expect(needs(withHosts(['a.example.com']), withHosts(['b.example.com']))).toEqual([false])
    expect(needs(configOf({}), withHosts(['a.example.com']))).toEqual([true])
    expect(
      needs(withHosts([]), configOf({ capture: { target_hosts: [], api_base: 'https://api2.example.com' } })),
    ).toEqual([true])
  })
})
