import type { Route } from '../callback/route.ts'

/**
 * The URL that the provider is given. It carries the user and password that open the account's URLs here, or else
 * those of the handler's own URL: whether the platform signs a callback depends on credentials in its URL. A fragment
 * with overrides of time-outs is kept for the same reason.
 *
 * @param prefix public URL up to the token
 */
export function publicUrlOf(
  prefix: string,
  token: string,
  { target, base }: { readonly target: string; readonly base: Route },
): string {
  const [, scheme = '', rest = ''] = /^(https?:\/\/)(.*)$/.exec(prefix) ?? []
  const [, own] = /^https?:\/\/([^/?#@]*)@/i.exec(target) ?? []
  const userinfo = credentialsOf(base) ?? own
  const hash = target.indexOf('#')
  const fragment = hash === -1 ? '' : target.slice(hash)
  return `${scheme}${userinfo === undefined ? '' : `${userinfo}@`}${rest}${token}${fragment}`
}

/** `user:password` of the first user that may call, ready for a URL. */
function credentialsOf({ basicAuth }: Route): string | undefined {
  const [first] = basicAuth ?? []
  if (first === undefined) return undefined
  const text = Buffer.from(first.slice('Basic '.length), 'base64').toString()
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1)].map(encodeURIComponent).join(':')
}
