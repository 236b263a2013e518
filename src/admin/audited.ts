import type { Caller, Endpoint } from './endpoint.ts'
import type { AuditEntry } from './parts.ts'

const MOST_REASON = 500
const MOST_ACTION = 200

/** What the audit log keeps of a change: who, what, why, and how it ended. */
export function auditEntry(
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  request: { readonly ip: string; readonly url: string; readonly body: unknown },
  told: { readonly caller: Caller; readonly status: number; readonly at: number },
): AuditEntry {
  const { caller, status, at } = told
  return {
    at,
    who: caller.name,
    role: caller.role,
    peer: request.ip,
    action: `${method} ${path.includes('{token}') ? path : plainPath(request.url)}`.slice(0, MOST_ACTION),
    reason: reasonIn(request.body).slice(0, MOST_REASON),
    status,
  }
}

/** Ids say what was changed; a token of a per-call URL is a key and stays a placeholder. */
function plainPath(url: string): string {
  const [path = ''] = url.split('?')
  return path
}

/** Endpoints that ask for a reason call it `reason`, `comment` or `text`. */
function reasonIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const fields = body as Readonly<Record<string, unknown>>
  const found = [fields['reason'], fields['comment'], fields['text']].find((each) => typeof each === 'string')
  return typeof found === 'string' ? found : ''
}
