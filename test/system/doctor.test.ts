import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { serverCertificate, testAuthority } from '../support/certificates.ts'
import { cli } from '../support/run-cli.ts'
import { runRingback } from '../support/run-daemon.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { SmtpSink } from '../support/smtp-sink.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { startTarget, type TargetServer } from '../support/target-server.ts'

// `ringback doctor` beside a daemon behind a proxy, with Slack, mail and a handler that are really there, and then are not.

interface Finding {
  readonly name: string
  readonly state: string
  readonly detail: string
  readonly remedy: string
}

const env = { WEBHOOK_SECRET: 'whsec-of-the-doctor-0123456789', SLACK: '', SMTP: '' }
let proxy: Server
let behind = 0
let rewrites = (path: string): string => path
let slack: SlackSink
let mail: SmtpSink
let handler: TargetServer
let ringback: RunningRingback

beforeAll(async () => {
  proxy = createServer((incoming, outgoing) => {
    const path = rewrites(incoming.url ?? '/')
    const onward = request(
      { port: behind, method: incoming.method, path, headers: incoming.headers },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502)
        reply.pipe(outgoing)
      },
    )
    onward.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  ;[slack, mail, handler] = await Promise.all([SlackSink.start(), SmtpSink.start(), startTarget()])
  env.SLACK = slack.url
  env.SMTP = mail.url
  ringback = await startRingback(
    `public_url: http://localhost:${(proxy.address() as AddressInfo).port}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    default_callback_url: ${handler.origin}/hook
notify:
  slack: { webhook_url: { env: SLACK } }
  email: { smtp_url: { env: SMTP }, from: a@example.com, to: [b@example.com], require_tls: false }
`,
    { env },
  )
  behind = ringback.publicPort
})
afterAll(async () => {
  await ringback[Symbol.asyncDispose]()
  await Promise.all([slack[Symbol.asyncDispose](), mail[Symbol.asyncDispose](), handler.close()])
  proxy.closeAllConnections()
  proxy.close()
})

async function examined(): Promise<{
  code: number
  of: (name: string) => Finding | undefined
  text: string
}> {
  const config = join(ringback.folder, 'ringback.yaml')
  const argv = ['doctor', '--json', '--config', config, '--url', ringback.adminUrl]
  const { code, stdout } = await cli(argv, { env })
  const findings = stdout.trim().split('\n').map((line) => JSON.parse(line) as Finding) // prettier-ignore
  return { code, text: stdout, of: (name) => findings.find((each) => each.name === name) }
}

it('finds daemon, proxy, disk, clock, handler, Slack and mail in order', async () => {
  await chmod(join(ringback.folder, 'ringback.yaml'), 0o600)
  const { code, of, text } = await examined()
  expect(code).toBe(0)
  expect(of('daemon')).toMatchObject({ state: 'good' })
  expect(of('public URL')).toMatchObject({
    state: 'good',
    detail: expect.stringContaining('paths unchanged') as string,
  })
  expect(of('sync')?.detail).toMatch(/ms for a sync to disk/)
  expect(of('clock')).toMatchObject({ state: 'good' })
  expect(of('handler')).toMatchObject({ state: 'good' })
  expect(of('slack')).toMatchObject({ state: 'good' })
  expect(of('email')).toMatchObject({ state: 'good', detail: expect.stringContaining('greets') as string })
  for (const secret of [env.WEBHOOK_SECRET, new URL(env.SLACK).pathname]) expect(text).not.toContain(secret)
})

it('says that a proxy rewrites paths, that others can read secrets, and what cannot be reached', async () => {
  rewrites = (path) => path.replaceAll('//', '/').replace(/\/$/, '')
  await writeFile(join(ringback.folder, '.env'), 'X=1')
  await chmod(join(ringback.folder, '.env'), 0o644)
  await Promise.all([handler.close(), mail[Symbol.asyncDispose]()])
  const { code, of } = await examined()
  expect(code).toBe(7)
  expect(of('public URL')).toMatchObject({
    state: 'bad',
    remedy: expect.stringContaining('pass the path on') as string,
  })
  expect(of('permissions')).toMatchObject({
    state: 'doubtful',
    remedy: expect.stringContaining('chmod o-rwx') as string,
  })
  expect(of('handler')).toMatchObject({ state: 'bad' })
  expect(of('email')).toMatchObject({ state: 'bad', remedy: expect.stringContaining('smtp_url') as string })
})

it('says that public_url leads elsewhere, and that the daemon is away', async () => {
  behind = Number(new URL(slack.url).port)
  slack.behave({ status: 404, body: 'no_service' })
  expect((await examined()).of('public URL')).toMatchObject({
    state: 'bad',
    detail: expect.stringContaining('do not arrive here') as string,
  })
  await ringback.stop()
  expect((await examined()).of('daemon')).toMatchObject({ state: 'doubtful', remedy: 'ringback serve' })
})

it('names the remedy of everything that cannot be reached, and ends with code 7', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-doctor-'))
  const kinds = ['good', 'expired', 'wrong-name', 'self-signed'] as const
  const servers = await Promise.all(
    kinds.map((name) => startTarget(undefined, { tls: serverCertificate(name) })),
  )
  const [good, expired, wrongName, selfSigned] = servers.map(({ origin }) => origin)
  const targets = [good, expired, wrongName, selfSigned, 'https://handler.invalid', 'http://127.0.0.1:1']
  try {
    await writeFile(
      join(folder, 'ringback.yaml'),
      `public_url: https://callbacks.example.com
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:1 }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
routes:
${targets.map((target, n) => `  - { id: r${n}, path: /r${n}/, target: '${target}/', signature: off }`).join('\n')}
notify:
  slack: { webhook_url: { env: SLACK } }
  email: { smtp_url: { env: SMTP }, from: a@example.com, to: [b@example.com], require_tls: false }
`,
    )
    const authority = join(folder, 'ca.crt')
    await writeFile(authority, testAuthority)
    const { code, stdout, stderr } = await runRingback(['doctor', '--json'], {
      folder,
      env: {
        NODE_EXTRA_CA_CERTS: authority,
        SLACK: 'http://127.0.0.1:2/services/SeCrEt',
        SMTP: 'smtp://user:hunter2@127.0.0.1:2',
      },
    })
    const findings = stdout.trim().split('\n').map((line) => JSON.parse(line) as Finding) // prettier-ignore
    expect([code, stderr]).toEqual([7, expect.stringMatching(/^error: 7 checks failed\.$/m)])
    expect(stdout + stderr).not.toMatch(/SeCrEt|hunter2/)
    const handlers = findings.filter(({ name }) => name === 'handler')
    expect(handlers.map(({ state, remedy }) => [state, remedy])).toEqual([
      ['good', ''],
      ['bad', 'Renew the certificate of 127.0.0.1.'],
      ['bad', 'Use a name that the certificate is for, or get one for 127.0.0.1.'],
      ['bad', expect.stringContaining('NODE_EXTRA_CA_CERTS')],
      ['bad', expect.stringMatching(/getent hosts handler\.invalid|resolv\.conf/)],
      ['bad', 'Nothing listens there: start it, or correct host and port.'],
    ])
    for (const [at, { detail }] of handlers.entries()) expect(detail).toContain(targets[at])
    expect(findings.find(({ name }) => name === 'slack')).toMatchObject({
      state: 'bad',
      remedy: 'Nothing listens there: start it, or correct host and port.',
    })
    expect(findings.find(({ name }) => name === 'email')).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('notify.email.smtp_url') as string,
    })
    const unmended = findings.filter(({ state, remedy }) => state !== 'good' && remedy === '')
    expect(unmended).toEqual([])
  } finally {
    for (const server of servers) await server.close()
    await rm(folder, { recursive: true })
  }
})
