import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { completeExample } from '../../../src/config/complete-example.ts'
import { exampleEnv, exampleYaml } from '../../../src/config/example.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { readSource } from '../../../src/config/source.ts'
import { trialConfig } from '../../../src/config/trial.ts'
import { RingbackError } from '../../../src/errors.ts'
import { keyRings } from '../../../src/routing/key-rings.ts'
import { pick, pickSeed, seededRandom } from '../../support/random.ts'
import { env, load, problemsOf, warningsOf } from './load-text.ts'

const designExample = readFileSync(new URL('files/design-example.yaml', import.meta.url), 'utf8')

describe('a good file', () => {
  it('loads the example of the design as it stands', () => {
    const { config } = load(designExample)
    expect(config.accounts[0]?.applications[0]?.callback_events).toContain('recording.completed')
    expect(config.routes[0]).toMatchObject({ deadline: 10_000, kind: 'xml', rewrite_xml: true })
    expect(config.rescue.schedule).toEqual([
      1000, 5000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 21_600_000, 21_600_000, 21_600_000,
    ])
    expect(config.ledger).toMatchObject({ keep: 30 * 86_400_000, max_size: 20e9 })
    expect(config.notify.fallback).toEqual({ after_failures: 3, channel: 'email' })
  })

  it('loads the example of the documentation without a warning', () => {
    expect(warningsOf(completeExample)).toEqual([])
  })

  it('loads what `ringback init` writes, with the values of its .env.example', () => {
    const values = Object.fromEntries(
      [...exampleEnv.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
    )
    const { config, warnings } = loadConfig({ path: 'ringback.yaml', text: exampleYaml, env: values })
    expect(config.accounts).toHaveLength(1)
    expect(warnings.map(({ field }) => field)).toEqual(['notify'])
  })

  it('still loads what `ringback init` writes when everything in it is switched on', () => {
    const text = exampleYaml.replace(/^( *)# (?=( |- |[a-z_]+:))/gm, '$1')
    const values = exampleEnv.replace(/^# (?=[A-Z_]+=)/gm, '')
    const all = Object.fromEntries(
      [...values.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, n, v]) => [n ?? '', v ?? '']),
    )
    const { config } = loadConfig({ path: 'ringback.yaml', text, env: all })
    expect(config.routes[0]?.id).toBe('ivr')
    expect(config.accounts[0]?.applications[0]?.id).toBe('app-12345')
    expect(config.notify.slack).toBeDefined()
  })

  it('has a trial configuration that listens on this machine only', () => {
    const { config } = trialConfig({ handlerUrl: 'http://127.0.0.1:9999/' })
    expect(config).toMatchObject({ listen: '127.0.0.1:8080', admin: { listen: '127.0.0.1:8081' } })
    expect(config.accounts[0]).toMatchObject({ id: 'MA_TRIAL', signature: 'enforce' })
  })

  it('can not be changed afterwards', () => {
    const { config } = load(designExample)
    expect(() => Object.assign(config.defaults, { deadline: 1 })).toThrow(TypeError)
  })

  it('tells where a setting stands', () => {
    expect(load(designExample).places.positionOf(['accounts', 0, 'auth_token'])).toEqual({
      line: 15,
      column: 5,
    })
  })

  it('tells of what the file does not say where the nearest thing around it stands', () => {
    const { places } = load(designExample)
    const [account, missing] = [
      ['accounts', 0],
      ['accounts', 0, 'basic_auth', 0, 'user'],
    ]
    expect(places.has(missing)).toBe(false)
    expect(places.positionOf(missing)).toEqual(places.positionOf(account))
    expect(places.has(['accounts', 1])).toBe(false)
    expect(places.positionOf(['accounts', 1])).toEqual(places.positionOf(['accounts']))
  })

  it('finds what an alias stands for where it is written', () => {
    const { places } = readSource('a: &all\n  x: 1\n  5: [ {y: 2}, {z: 3} ]\nb: *all\nc: [*all, *all]\n')
    expect(places.positionOf(['b'])).toEqual({ line: 4, column: 1 })
    expect(places.positionOf(['b', 5, 1, 'z'])).toEqual({ line: 3, column: 17 })
    expect(places.positionOf(['c', 1])).toEqual({ line: 5, column: 11 })
    expect(places.positionOf(['c', 1, 'x'])).toEqual({ line: 2, column: 3 })
    expect(places.has(['c', 1, '5', 0, 'y'])).toBe(true)
    expect(places.has(['c', 2])).toBe(false)
    expect(places.has(['c', '1'])).toBe(false)
  })
})

describe('problems', () => {
  it('are all reported at once, in the order of the file, each with line, column, field and remedy', () => {
    const text = [
      'public_url: http://callbacks.example.com',
      'lisen: 0.0.0.0:80',
      'accounts:',
      '  - id: MA_1',
      '    webhook_secret: { env: NOT_SET }',
      '    signature: enforced',
      'routes:',
      '  - id: ivr',
      '    path: /vobiz/x',
      '    target: https://h.example.com/',
      '    tiemout: 3s',
      '    deadline: 3',
      '    account: MA_2',
      'ledger: { keep: 1 day }',
    ].join('\n')
    expect(problemsOf(text)).toEqual([
      'ringback.yaml:1:1  public_url: must be https: Vobiz dials no http URL (http is for localhost only)',
      'ringback.yaml:2:1  lisen: unknown key; did you mean "listen"?',
      'ringback.yaml:5:5  accounts[0].webhook_secret: env NOT_SET is not set; set it in the environment of Ringback',
      'ringback.yaml:6:5  accounts[0].signature: must be one of enforce, warn, off; did you mean "enforce"?',
      'ringback.yaml:9:5  routes[0].path: /vobiz/ and /c/ are Ringback’s own; choose another path',
      expect.stringContaining(
        'ringback.yaml:11:5  routes[0].tiemout: unknown key; known here: id, path, target,',
      ),
      'ringback.yaml:12:5  routes[0].deadline: must be a duration such as 500ms, 3s or 1h30m',
      'ringback.yaml:13:5  routes[0].account: no account has the id "MA_2"; there is MA_1',
      'ringback.yaml:14:11  ledger.keep: must be a duration such as 500ms, 3s or 1h30m',
    ])
  })

  it('are an error of the class and code that the whole program knows', () => {
    expect(() => load('nonsense: 1')).toThrow(RingbackError)
    expect(() => load('nonsense: 1')).toThrow(expect.objectContaining({ code: 'config' }))
  })

  it.each([
    ['a: 1\na: 2', 'ringback.yaml:2:1  this key stands here twice; keep one of the two'],
    ['admin:\n\tlisten: 1', /^ringback\.yaml:2:1 {2}a tab stands in the indentation/],
    ['accounts: [', /^ringback\.yaml:1:\d+ {2}is not valid YAML/],
    ['listen: 0.0.0.0:1\n---\nlisten: 0.0.0.0:2', /^ringback\.yaml:2:1 {2}a second document begins here/],
    ['- 1', 'ringback.yaml:1:1  must be a mapping of keys to values'],
    ['just words', 'ringback.yaml:1:1  must be a mapping of keys to values'],
    ['a: &a [*a]', /unknown key|aliases/],
    ['accounts:', 'ringback.yaml:1:1  accounts: is empty; give it a value or take the key away'],
    ['listen: 8080', 'ringback.yaml:1:1  listen: must be a text; put it in quotes'],
    ['listen: 0.0.0.0:70000', 'ringback.yaml:1:1  listen: must be HOST:PORT such as 127.0.0.1:8081'],
    ['defaults: { deadline: 900ms }', 'ringback.yaml:1:13  defaults.deadline: must be 1s to 60s'],
    ['alerts: { resolve_after: 0 }', 'ringback.yaml:1:11  alerts.resolve_after: must be at least 1'],
    ['rescue: { schedule: [] }', 'ringback.yaml:1:11  rescue.schedule: must hold at least one entry'],
    ['accounts: [{ signature: off }]', 'ringback.yaml:1:12  accounts[0].id: is missing'],
  ])('of form: %j', (text, expected) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  it('say one thing once: a setting of the wrong form is not told to be missing as well', () => {
    const text = 'public_url: 5\naccounts: [{ id: MA_1, auth_token: { env: VOBIZ_AUTH_TOKEN } }]'
    expect(problemsOf(text)).toEqual(['ringback.yaml:1:1  public_url: must be a text; put it in quotes'])
  })

  it('name a file that cannot be read, and the way to a new one', () => {
    expect(() => loadConfig({ path: '/nowhere/ringback.yaml', env })).toThrow(
      '/nowhere/ringback.yaml:1:1  cannot be read (ENOENT); write one with: ringback init',
    )
  })
})

function accountWith(secret: string): string {
  return `public_url: https://cb.example.com\naccounts: [{ id: MA_1, auth_token: ${secret} }]`
}

describe('secrets', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringback-config-'))
    writeFileSync(join(folder, 'token'), 'hush-token-from-a-file\n', { mode: 0o600 })
    writeFileSync(join(folder, 'open'), 'hush-token-from-a-file\n')
    writeFileSync(join(folder, 'blank'), ' hush-token-from-a-file\n\n', { mode: 0o600 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['{ env: SHORT }', 'env SHORT is too short: a key has at least 16 characters'],
    ['{ env: EMPTY }', 'env EMPTY is empty'],
    ['{ env: NOT_SET }', 'env NOT_SET is not set; set it in the environment of Ringback'],
    ['{ env: toString }', 'env toString is not set; set it in the environment of Ringback'],
    ['{ file: /nowhere/token }', 'file /nowhere/token cannot be read (ENOENT)'],
    ['{ file: / }', 'file / cannot be read (not a file)'],
    [
      'hush-in-the-file-itself',
      'must be { env: NAME } or { file: PATH }, or a list of them; a secret is never written into the file',
    ],
    [
      '{ env: A, file: B }',
      'must be { env: NAME } or { file: PATH }, or a list of them; a secret is never written into the file',
    ],
  ])('are refused: %s', (secret, message) => {
    expect(problemsOf(accountWith(secret))).toEqual([
      `ringback.yaml:2:24  accounts[0].auth_token: ${message}`,
    ])
  })

  it('come from files without their last line break', () => {
    const { config, warnings } = load(accountWith(`{ file: ${join(folder, 'token')} }`))
    expect(config.accounts[0]?.auth_token).toMatchObject({ source: `file ${join(folder, 'token')}` })
    expect(keyRings(config).get('MA_1')?.authTokens).toEqual(['hush-token-from-a-file'])
    expect(warnings.map(({ field }) => field)).toEqual(['notify'])
  })

  it('in a file that everybody can read are worth a warning', () => {
    expect(warningsOf(accountWith(`{ file: ${join(folder, 'open')} }`)).at(-1)).toContain('chmod 600')
  })

  it('with blanks around them are refused, because nobody sees them', () => {
    expect(problemsOf(accountWith(`{ file: ${join(folder, 'blank')} }`))[0]).toContain(
      'begins or ends with a blank',
    )
  })

  it('can be several while a rotation is under way', () => {
    const { config } = load(accountWith('[{ env: VOBIZ_AUTH_TOKEN }, { env: VOBIZ_WEBHOOK_SECRET }]'))
    expect(config.accounts[0]?.auth_token).toHaveLength(2)
  })

  it('may be the whole store URL; headers named env and file stay headers', () => {
    const text = `${accountWith('{ env: VOBIZ_AUTH_TOKEN }')}\nstore: { env: DB }
routes: [{ id: r, path: /r, target: "https://h.example.com", signature: off, headers: { env: prod, file: x } }]`
    const { config } = load(text, { env: { ...env, DB: 'postgres://u:hush@db/ringback' } })
    expect(inspect(config.store)).toBe('[secret]')
    expect(config.routes[0]?.headers).toEqual({ env: 'prod', file: 'x' })
  })

  it('are never shown: not in a configuration that is printed, not in any problem', () => {
    const { config, warnings } = load(designExample)
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 20 }), JSON.stringify(warnings)]) {
      expect(shown).not.toContain('hush')
    }
    const spoilt = designExample
      .replaceAll('https://api.example.com', 'https://user:hush@api.example.com:99999')
      .replace('{ env: VOBIZ_AUTH_TOKEN }', 'hush-hush-hush')
      .replace('{ env: SMTP_URL }', '{ env: SLACK_WEBHOOK_URL }')
      .replace('{ env: RINGBACK_ADMIN_TOKEN }', '{ env: SHORT }')
    const problems = problemsOf(spoilt)
    expect(problems.length).toBeGreaterThan(3)
    expect(problems.join('\n')).not.toContain('hush')
  })

  it('do not show in complaints about broken YAML either', () => {
    for (const text of [
      'a: "user:hush',
      'a: [hush',
      'a: hush: hush',
      '- hush\nb: hush',
      '{hush}}',
      '%hush\n---\n',
    ]) {
      expect(problemsOf(text).join('\n')).not.toMatch(/is not valid.*hush/)
    }
  })
})

// `problemsOf` passes on whatever is not a ConfigError.
describe('a damaged file', () => {
  it('never throws anything but a list of problems', () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    const scraps = [
      '{',
      '}',
      '[',
      ']',
      ':',
      '- ',
      '\n',
      '  ',
      '\t',
      '&a ',
      '*a',
      '!!binary ',
      '"',
      "'",
      '|',
      '? ',
      '#',
      '~',
      '<<: ',
      '__proto__: ',
      '\0',
      '\u{1F4DE}',
      '---\n',
      '1e999',
      'null',
      '.nan',
    ]
    for (let round = 0; round < 150; round++) {
      let text = designExample
      for (let damage = 0; damage < 1 + round / 10; damage++) {
        const at = Math.floor(random() * text.length)
        text = text.slice(0, at) + pick(random, scraps) + text.slice(at + Math.floor(random() * 4))
      }
      const problems = problemsOf(text).join('\n')
      expect(problems, `TEST_SEED=${seed}, round ${round}:\n${text}`).not.toContain('hush')
    }
  })

  it('of nothing but scraps never throws anything else either', () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    const scraps = [
      'accounts',
      'routes',
      'id',
      ': ',
      '\n',
      '\n  ',
      '\n    - ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '1',
      '"x"',
      '? ',
      '&a ',
      '*a ',
      '!t ',
      '~',
      '__proto__',
      'constructor',
    ]
    for (let round = 0; round < 400; round++) {
      const text = Array.from({ length: 1 + Math.floor(random() * 20) }, () => pick(random, scraps)).join('')
      expect(() => problemsOf(text), `TEST_SEED=${seed}: ${JSON.stringify(text)}`).not.toThrow()
    }
  })
})
