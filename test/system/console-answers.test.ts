import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { CallbackRow, IncidentRow, Page, Problem, ReplayView } from '../../src/admin/api.ts'
import { api } from '../support/page-rig.ts'
import { type Stage, startStage } from '../support/page-stage.ts'
import { cli } from '../support/run-cli.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

// What a stranger asks, on a daemon to which things have happened: every command of docs/command-line.md as it is
// printed there, and every answer of the port against the document that it serves.

const CALL = 'call-that-was-not-billed'
let stage: Stage
let hurt: CallbackRow
let refused: CallbackRow

beforeAll(async () => {
  stage = await startStage()
  await stage.send({ event: 'call.initiated', callId: CALL, application: 'billing' })
  await stage.send({ event: 'call.initiated', application: 'support-line' })
  stage.billing.behave(() => behaviours.status(502, '{"error":"card processor is down"}'))
  stage.backup.behave(() => behaviours.status(503, 'no capacity'))
  await stage.send({ event: 'call.completed', callId: CALL, application: 'billing' })
  for (let n = 0; n < 3; n++) await stage.send({ event: 'call.completed', application: 'billing' })
  stage.crm.behave(() => behaviours.status(410, 'gone'))
  await stage.send({ event: 'call.completed', application: 'crm' })
  stage.crm.behave(() => behaviours.status(500, 'boom'))
  await stage.send({ event: 'recording.completed', application: 'crm' })
  await stage.sendUnsigned({ event: 'call.completed', call_id: 'forged' })
  await post('reload', { reason: 'a new year' })
  await waitFor('alert', async () => (await api<{ rows: unknown[] }>(stage, 'alerts')).rows.length > 0)
  const first = async (query: string): Promise<CallbackRow> => {
    const [row] = (await api<Page<CallbackRow>>(stage, `callbacks?limit=1&${query}`)).rows
    if (row === undefined) throw new Error(`no callback fits ${query}`)
    return row
  }
  hurt = await first(`call_id=${CALL}&failed=true`)
  refused = await first('result=rejected')
})
afterAll(() => stage[Symbol.asyncDispose]())

function post(path: string, body: object): Promise<Response> {
  return fetch(`${stage.ringback.adminUrl}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** The table of questions in docs/command-line.md: each question, and its commands without `ringback`. */
const questions = new Map(
  readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| .*\?.*`ringback /.test(line))
    .map((line) => {
      const [, question = '', ways = ''] = line.split('|')
      const commands = [...ways.matchAll(/`ringback ([^`]+)`/g)].map(([, command]) => command ?? '')
      return [question.trim(), commands] as const
    }),
)

/** What has to stand in the answer of each. */
const answers: Readonly<Record<string, readonly RegExp[]>> = {
  'Is anything wrong right now?': [/firing .* billing .*\d+ failures in a row/],
  'Which route fails most today?': [/ROUTE .*\n(?:crm .*\n)?billing +5 +4 +4 /],
  'Was call X billed, what came of it?': [
    new RegExp(`call\\.completed +${CALL} +failed .* 503 [^]*call\\.initiated +${CALL} +delivered .* 200 `),
  ],
  'What did the handler answer?': [/\(502\) after[^]*card processor is down[^]*\(503\)[^]*no capacity/],
  'What was Vobiz told, and after how long?': [/^Failed: .*the provider was told 503 after [\d.]+ ms\./],
  'What is waiting, what was given up?': [/recording\.completed +\S+ +rescued/, /crm +call\.completed /],
  'Why did this callback go to that handler?': [/It goes to route billing\.[^]*→ application +billing/],
  'Why was it refused, what must be changed?': [/signature/i],
  'Which URL do I paste into Vobiz?': [
    /https:\/\/callbacks\.example\.com\/vobiz\/MA_ACME\/applications\/billing/,
  ],
  'What is configured, and where?': [/rescue\.schedule .*ringback\.yaml:\d+/],
  'Who changed what, and why?': [/local +admin +POST \/api\/v1\/reload +200 +a new year/],
  'Is this machine fit for it?': [/daemon +ready at[^]*sync +\S+ ms[^]*handler[^]*slack/],
}

describe('the questions of docs/command-line.md', () => {
  it('are those that are asked here', () => {
    expect([...questions.keys()]).toEqual(Object.keys(answers))
  })

  it.each(Object.keys(answers))('%s', async (question) => {
    const id = question.startsWith('Why was it refused') ? refused.id : hurt.id
    const commands = questions.get(question) ?? []
    expect(commands).toHaveLength(answers[question]?.length ?? 0)
    for (const [at, command] of commands.entries()) {
      const argv = command.split(' ').map((word) => ({ X: CALL, ID: id })[word] ?? word)
      const where = [
        '--config',
        join(stage.ringback.folder, 'ringback.yaml'),
        '--url',
        stage.ringback.adminUrl,
      ]
      const { code, stdout, stderr } = await cli([...argv, ...where], { env: stage.env })
      expect([command, code, stderr]).toEqual([command, 0, expect.any(String)])
      expect(stdout).toMatch(answers[question]?.[at] ?? /$^/)
    }
  })
})

const sending = (body: object): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const because = (n: number): string => `reason ${n} of the test`

describe('every answer', () => {
  const asked = new Set<string>()
  const misfits: string[] = []
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })

  beforeAll(async () => {
    const document = (await (await fetch(`${stage.ringback.adminUrl}/api/openapi.json`)).json()) as object
    ajv.addSchema({ $id: 'api', ...document })
  })

  /** Asks, and notes in what the answer is not as the document says. */
  async function answered(template: string, path: string, init: RequestInit = {}): Promise<unknown> {
    const [method = 'GET', place = ''] = template.split(' ')
    const response = await fetch(stage.ringback.adminUrl + path, { method, ...init })
    const body: unknown = await response.json()
    asked.add(template)
    const [status, type] = response.ok ? [response.status, 'json'] : ['default', 'problem+json']
    const inPointer = place.replaceAll('/', '~1').replaceAll(/[{}]/g, encodeURIComponent)
    const check = ajv.getSchema(
      `api#/paths/${inPointer}/${method.toLowerCase()}/responses/${status}/content/application~1${type}/schema`,
    )
    if (check === undefined)
      misfits.push(`${template} answers ${response.status}, which is not in the document`)
    else if (check(body) !== true) misfits.push(`${template}: ${ajv.errorsText(check.errors)}`)
    return body
  }

  it('to a question is as the document says, field for field', async () => {
    const v1 = '/api/v1'
    const { rows } = (await answered(`GET ${v1}/incidents`, `${v1}/incidents`)) as { rows: IncidentRow[] }
    const incident = rows.find(({ route }) => route === 'billing')?.id ?? ''
    for (const path of ['callbacks', 'routes', 'alerts', 'notifications', 'silences', 'markers', 'drills']) {
      await answered(`GET ${v1}/${path}`, `${v1}/${path}`)
    }
    for (const path of ['status', 'configuration', 'audit', 'dead-letters', 'reconciliation', 'session']) {
      await answered(`GET ${v1}/${path}`, `${v1}/${path}`)
    }
    await answered(`GET ${v1}/callbacks/{id}`, `${v1}/callbacks/${hurt.id}`)
    await answered(`GET ${v1}/callbacks/{id}`, `${v1}/callbacks/${refused.id}`)
    await answered(`GET ${v1}/callbacks/{id}/attempts`, `${v1}/callbacks/${hurt.id}/attempts`)
    await answered(`GET ${v1}/calls/{callId}`, `${v1}/calls/${CALL}`)
    await answered(`GET ${v1}/incidents/{id}`, `${v1}/incidents/${incident}`)
    await answered(`GET ${v1}/alerts/explain`, `${v1}/alerts/explain?route=billing`)
    await answered('GET /readyz', '/readyz')
    await answered(`POST ${v1}/explain-route`, `${v1}/explain-route`, sending({ callback: hurt.id }))
    await answered(`POST ${v1}/signature-doctor`, `${v1}/signature-doctor`, sending({ callback: refused.id }))
    expect(misfits).toEqual([])
  })

  it('to a change as well, and each change stands in the audit log with its reason', async () => {
    const v1 = '/api/v1'
    const ack = await api<{ rows: IncidentRow[] }>(stage, 'alerts')
    const incident = ack.rows[0]?.id ?? ''
    await answered(
      `POST ${v1}/incidents/{id}/ack`,
      `${v1}/incidents/${incident}/ack`,
      sending({ by: 'ana', comment: because(1) }),
    )
    const silence = { route: 'crm', by: 'ana', comment: because(2) }
    const silenced = (await answered(`POST ${v1}/silences`, `${v1}/silences`, sending(silence))) as {
      id: string
    }
    await answered(`DELETE ${v1}/silences/{id}`, `${v1}/silences/${silenced.id}`)
    await answered(`POST ${v1}/markers`, `${v1}/markers`, sending({ by: 'ana', text: because(3) }))
    await answered(`POST ${v1}/alerts/test`, `${v1}/alerts/test`, sending({}))
    await answered(`POST ${v1}/test-callback`, `${v1}/test-callback`, sending({}))
    await answered(`POST ${v1}/reload`, `${v1}/reload`, sending({ dry_run: true, reason: because(4) }))
    const registered = {
      account: 'MA_ACME',
      callback_url: `${stage.support.origin}/one-call`,
      expires_in: '1h',
    }
    await answered(`POST ${v1}/calls`, `${v1}/calls`, sending(registered))
    await answered(`POST ${v1}/dead-letters/requeue`, `${v1}/dead-letters/requeue`, sending({ route: 'crm' }))
    const discard = { route: 'crm', reason: because(5) }
    await answered(`POST ${v1}/dead-letters/discard`, `${v1}/dead-letters/discard`, sending(discard))
    const again = { call_id: CALL, dry_run: true, reason: because(6) }
    const replay = (await answered(`POST ${v1}/replays`, `${v1}/replays`, sending(again))) as ReplayView
    expect(replay.state).toBe('planned')
    await answered(`GET ${v1}/replays`, `${v1}/replays`)
    const actions = await waitFor('last change in the audit log', async () => {
      const { rows } = await api<{ rows: { action: string; reason: string }[] }>(stage, 'audit')
      return (
        rows.some(({ reason }) => reason === because(6)) &&
        rows.map(({ action, reason }) => `${action} ${reason}`)
      )
    })
    expect(actions.filter((each) => each.includes('of the test'))).toHaveLength(6)
    expect(misfits).toEqual([])
    const changes = [...asked].filter((each) => !each.startsWith('GET') && !/explain|doctor/.test(each))
    for (const change of changes) {
      const pattern = new RegExp(`^${change.replaceAll(/\{\w+\}/g, '[^ ]+')} `)
      expect([change, actions.some((each) => pattern.test(each))]).toEqual([change, true])
    }
  })

  it('to what cannot be is a problem document of the same document', async () => {
    const wrong: readonly (readonly [template: string, path: string, status: number, init?: RequestInit])[] =
      [
        ['GET /api/v1/callbacks', '/api/v1/callbacks?limit=0', 400],
        ['GET /api/v1/callbacks/{id}', '/api/v1/callbacks/01KAJ0NONE', 404],
        ['GET /api/v1/incidents/{id}', '/api/v1/incidents/01KAJ0NONE', 404],
        ['GET /api/v1/replays/{id}', '/api/v1/replays/01KAJ0NONE', 404],
        ['GET /api/v1/trial', '/api/v1/trial', 404],
        ['POST /api/v1/silences', '/api/v1/silences', 400, sending({ duration: 'long' })],
        ['POST /api/v1/explain-route', '/api/v1/explain-route', 404, sending({ callback: '01KAJ0NONE' })],
      ]
    for (const [template, path, status, init] of wrong) {
      const problem = (await answered(template, path, init)) as Problem
      expect([path, problem.status]).toEqual([path, status])
      expect(problem.detail).not.toBe('')
    }
    expect(misfits).toEqual([])
  })
})
