import type { Role, Target } from '../callback/route.ts'

/** Bounds of the overrides, milliseconds: those of the platforms that know the syntax. */
const CONNECT_MS = { least: 100, most: 10_000 }
const RESPONSE_MS = { least: 100, most: 55_000 }

/** scheme, userinfo, host and port, path, query, fragment; the parts that are sent are never normalised. */
const form = /^(https?):\/\/(?:([^/?#]*)@)?([^/?#@]+)(\/[^?#]*)?(\?[^#]*)?(?:#(.*))?$/i

/**
 * A handler URL of the configuration as a target. Path and query stay byte for byte as they were written.
 * `user:password@` becomes Basic credentials, a fragment such as `#ct=2000&rt=4000` shortens the time to connect
 * and to reply (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides); its other keys are ignored.
 *
 * @throws RangeError when it cannot be dialled; the message says what to write instead and repeats no secret.
 */
export function parseTarget(url: string, role: Role): Target {
  refuseUnsendable(url)
  const parts = form.exec(url)
  if (parts === null)
    throw new RangeError('a target must be a whole http or https URL, such as https://host/path')
  const [, scheme = '', userinfo, authority = '', path = '/', query = '', fragment = ''] = parts

  const parsed = URL.parse(`${scheme}://${authority}`)
  if (parsed === null || parsed.hostname === '' || parsed.port === '0') {
    throw new RangeError(
      'a target URL needs a valid host and port; write / ? # @ in a password as %2F %3F %23 %40',
    )
  }
  const overrides = new URLSearchParams(fragment)
  return {
    role,
    origin: flat(parsed.origin),
    hostname: flat(parsed.hostname.replace(/^\[|\]$/g, '')),
    path: flat(ascii(path + query)),
    label: flat(parsed.origin + ascii(path) + masked(query)),
    authorization: userinfo === undefined ? undefined : basic(userinfo),
    connectTimeoutMs: override(overrides, 'ct', CONNECT_MS),
    responseTimeoutMs: override(overrides, 'rt', RESPONSE_MS),
  }
}

/** The text by itself: joined or cut out of others it would hold all of them, for thousands of targets. */
function flat(text: string): string {
  return Buffer.from(text).toString()
}

function refuseUnsendable(url: string): void {
  for (const char of url) {
    if (char > ' ' && char !== '\\' && char !== '\x7f') continue
    throw new RangeError(
      'a target URL must hold no blanks, control characters or backslashes; percent-encode them',
    )
  }
}

/** Characters beyond ASCII cannot be sent; every client writes them as percent-encoded UTF-8. */
function ascii(text: string): string {
  return text.replace(/[^\x21-\x7e]+/gu, (beyond) => encodeURIComponent(beyond.toWellFormed()))
}

function masked(query: string): string {
  return ascii(query).replace(/([?&][^=&]*)=[^&]*/g, '$1=***')
}

function basic(userinfo: string): string {
  try {
    const colon = userinfo.indexOf(':')
    const user = decodeURIComponent(colon === -1 ? userinfo : userinfo.slice(0, colon))
    const password = colon === -1 ? '' : decodeURIComponent(userinfo.slice(colon + 1))
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  } catch {
    throw new RangeError('user or password of a target URL is badly percent-encoded; write % as %25')
  }
}

function override(
  overrides: URLSearchParams,
  key: string,
  bounds: { readonly least: number; readonly most: number },
): number | undefined {
  const text = overrides.get(key)
  if (text === null) return undefined
  const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN
  if (value >= bounds.least && value <= bounds.most) return value
  throw new RangeError(
    `#${key}= of a target URL must be ${bounds.least} to ${bounds.most} milliseconds; leave it out for the default`,
  )
}
