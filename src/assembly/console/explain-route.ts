import type { ExplainRequest, RouteExplanation } from '../../admin/api.ts'
import type { Facts } from '../../callback/event.ts'
import { isWanted } from '../../callback/event.ts'
import { readFacts } from '../../callback/facts.ts'
import type { Route } from '../../callback/route.ts'
import { RingbackError } from '../../errors.ts'
import type { LedgerReader } from '../../ledger/ledger.ts'
import type { CallbackDetail } from '../../ledger/rows.ts'
import type { RouteTable } from '../../routing/table.ts'

export interface ExplainParts {
  /** In force. */
  readonly table: () => RouteTable
  readonly reader: Pick<LedgerReader, 'callback'>
}

/** A callback as far as routing looks at it. */
interface Subject {
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly facts: Facts
  readonly remarks: readonly string[]
}

/**
 * Says which route a callback goes to under the configuration in force.
 *
 * @throws RingbackError `not_found` for an unknown callback, `usage` for a path that is none
 */
export function createExplainRoute({ table, reader }: ExplainParts) {
  return async (request: ExplainRequest): Promise<RouteExplanation> => {
    const subject =
      request.callback === undefined ? madeUp(request) : await kept(request.callback, reader, table())
    const { path, method, facts, remarks } = subject
    const steps = table().explain(path, facts)
    const scope = table().scopeOf(path)
    const route = scope === undefined ? undefined : table().resolve(scope, facts)
    return {
      path,
      method,
      facts: {
        event: facts.event,
        call_id: facts.callId,
        account: facts.account,
        application: facts.application,
        trunk: facts.trunk,
      },
      steps: steps.map(({ scope: place, route: id, isChosen, why }) => ({
        scope: place,
        route: id,
        is_chosen: isChosen,
        why,
      })),
      route: route?.id ?? null,
      effects: route === undefined ? ['It is answered 404.'] : consequences(route, facts),
      remarks,
    }
  }
}

function madeUp({ path: text = '', method = 'POST', body = '' }: ExplainRequest): Subject {
  const target = /^https?:\/\/[^/?#]+(.*)$/i.exec(text)?.[1] ?? text
  const [path = '', query = ''] = target.replace(/#.*$/, '').split(/(?=\?)/, 2)
  if (!path.startsWith('/') && path !== '') {
    throw new RingbackError('usage', `path: must be a URL or begin with a slash, such as /vobiz/MA_TEST123`)
  }
  const facts = readFacts({ method, query, contentType: contentTypeOf(body), body: Buffer.from(body) })
  return { path: path === '' ? '/' : path, method, facts, remarks: [] }
}

function contentTypeOf(body: string): string {
  return /^\s*[[{]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded'
}

async function kept(id: string, reader: ExplainParts['reader'], table: RouteTable): Promise<Subject> {
  const row = await reader.callback(id)
  if (row === undefined) {
    throw new RingbackError('not_found', `No callback has the id ${id}; it may have been pruned.`)
  }
  const [path = '', query = ''] = row.path.split(/(?=\?)/, 2)
  const method = row.method === 'GET' ? 'GET' : 'POST'
  const body = row.request?.body ?? ''
  const read = readFacts({ method, query, contentType: contentTypeOf(body), body: Buffer.from(body) })
  const remarks: string[] = []
  if (row.verdict === 'refused') {
    remarks.push(`It was refused (${row.reason}) before its body was read, so only its path counts here.`)
  } else if (body === '' && row.body_bytes > 0) {
    remarks.push('Its body is not kept, so an application or trunk that it named is not known any more.')
  }
  if (row.verdict !== 'refused' && row.route !== routeNow(table, path, read)) {
    remarks.push(
      `When it came it went to ${row.route}: registrations or the configuration have changed since.`,
    )
  }
  // What the ledger read when it came counts before what is left of a body that may be cut.
  return { path, method, facts: { ...read, ...knownFacts(row) }, remarks }
}

function knownFacts({ event, call_id: callId }: CallbackDetail): Partial<Facts> {
  return { event, callId }
}

function routeNow(table: RouteTable, path: string, facts: Facts): string | undefined {
  const scope = table.scopeOf(path)
  return scope === undefined ? undefined : table.resolve(scope, facts)?.id
}

/** What a route does with a callback, in the order it happens. */
function consequences(route: Route, facts: Facts): readonly string[] {
  const kind = route.kind === 'auto' ? facts.kind : route.kind
  const [primary, fallback] = route.targets
  return [
    signatureText(route),
    ...(isWanted(facts.event, route.events)
      ? []
      : [`The route does not want ${facts.event}: it is answered 200 and not forwarded.`]),
    kind === 'xml'
      ? 'The provider executes the answer (xml), so it cannot be rescued.'
      : `Only the status counts (notify); when every handler fails it is ${route.onFailure === 'rescue' ? 'rescued: answered 200 and delivered later' : 'relayed: the provider is told'}.`,
    `It goes to ${primary.label}${fallback === undefined ? '' : `, and to ${fallback.label} when that fails`}, ` +
      `within ${(route.deadlineMs - route.marginMs) / 1000} s.`,
  ]
}

function signatureText({ signature, basicAuth }: Route): string {
  const lock = basicAuth === undefined ? '' : ' HTTP Basic is asked for as well.'
  switch (signature) {
    case 'enforce':
      return `Its signature must verify, else it is answered 401.${lock}`
    case 'warn':
      return `Its signature is checked, and a bad one is let in with a warning.${lock}`
    case 'off':
      return `Its signature is not looked at.${lock}`
  }
}
