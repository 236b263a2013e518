import { longEventName } from '../callback/event.ts'
import type { Route, StaticReply } from '../callback/route.ts'
import type { Config } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'

/** The part of a route that says how, not whither: what defaults, account and the route's own entry agree on. */
export type RoutePolicy = Pick<
  Route,
  | 'signature'
  | 'resign'
  | 'preserveHost'
  | 'responseContract'
  | 'deadlineMs'
  | 'marginMs'
  | 'onFailure'
  | 'reply'
  | 'staticReply'
  | 'rewriteXml'
>

/** The policy keys that an entry may set; undefined leaves the word to the next one. */
interface PolicyKeys {
  readonly deadline?: number | undefined
  readonly on_failure?: Route['onFailure'] | undefined
  readonly reply?: Route['reply'] | undefined
  readonly signature?: Route['signature'] | undefined
  readonly static_reply?: string | undefined
  readonly resign?: boolean | undefined
  readonly preserve_host?: boolean | undefined
  readonly response_contract?: Route['responseContract'] | undefined
  readonly rewrite_xml?: boolean | undefined
}

/** The first entry that sets a key decides it: most specific first, `defaults` last. Without any word on it, signatures are enforced. */
export function policyOf(defaults: Config['defaults'], ...entries: readonly PolicyKeys[]): RoutePolicy {
  const first = <Key extends keyof PolicyKeys>(key: Key): PolicyKeys[Key] =>
    entries.find((entry) => entry[key] !== undefined)?.[key]
  const document = first('static_reply') ?? defaults.static_reply
  return {
    signature: first('signature') ?? 'enforce',
    resign: first('resign') ?? defaults.resign,
    preserveHost: first('preserve_host') ?? false,
    responseContract: first('response_contract') ?? defaults.response_contract,
    deadlineMs: first('deadline') ?? defaults.deadline,
    marginMs: defaults.margin,
    onFailure: first('on_failure') ?? defaults.on_failure,
    reply: first('reply') ?? defaults.reply,
    staticReply: document === undefined ? undefined : staticReply(document),
    rewriteXml: first('rewrite_xml') ?? false,
  }
}

function staticReply(body: string): StaticReply {
  return Object.freeze({ contentType: 'application/xml', body })
}

/** A filter in long names; undefined when every event is wanted. */
export function eventFilter(names: readonly string[]): ReadonlySet<string> | undefined {
  if (names.length === 0) return undefined
  return new Set(names.map((name) => longEventName(name) ?? name))
}

/** Headers of the configuration as names and values in turn, with the secrets among them told. */
export function headerList(headers: Readonly<Record<string, string | Secret>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ])
}

/** Ready `Authorization` values of the users that may call. */
export function basicCredentials(
  users: readonly { readonly user: string; readonly password: Secret }[] | undefined,
): readonly string[] | undefined {
  return users?.map(
    ({ user, password }) => `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`,
  )
}

const strictness = { off: 0, warn: 1, enforce: 2 } as const

/** The stricter of two ways to treat signatures. */
export function stricter(one: Route['signature'], other: Route['signature']): Route['signature'] {
  return strictness[one] >= strictness[other] ? one : other
}
