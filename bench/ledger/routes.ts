import type { Role, Route, Target } from '../../src/callback/route.ts'

/** Routes `app-0000`, `app-0001` … as applications of one account get them. */
export function benchRoutes(count: number): readonly Route[] {
  return Array.from({ length: count }, (_, number) => {
    const id = `app-${String(number).padStart(4, '0')}`
    const targets: Route['targets'] = [targetOf('primary', id), targetOf('fallback', id)]
    return {
      id,
      scope: 'application',
      account: 'MA_TEST123',
      targets,
      prefix: undefined,
      events: undefined,
      kind: 'auto',
      signature: 'enforce',
      resign: false,
      preserveHost: false,
      responseContract: 'off',
      method: undefined,
      headers: [],
      deadlineMs: 3_000,
      marginMs: 200,
      onFailure: 'rescue',
      reply: 'handler',
      staticReply: undefined,
      basicAuth: undefined,
    }
  })
}

function targetOf(role: Role, id: string): Target {
  const origin = `https://${role}.example.com`
  return {
    role,
    origin,
    hostname: `${role}.example.com`,
    path: `/webhooks/${id}`,
    label: `${origin}/webhooks/${id}`,
    authorization: undefined,
    connectTimeoutMs: undefined,
    responseTimeoutMs: undefined,
  }
}
