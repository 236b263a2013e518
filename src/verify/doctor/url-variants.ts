import { type HeaderText, headerValuesOf } from '../../callback/header-text.ts'
import type { Difference } from './diagnosis.ts'
import type { Suspect } from './suspect.ts'

/** A text that the sender may have signed instead of ours. */
export interface Variant<Value> {
  readonly value: Value
  readonly differences: readonly Difference[]
}

/** Host names and ports only: the header is a stranger's. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/
const MOST_VARIANTS = 160

/**
 * The URLs that the sender may have signed, ours first, then those with one difference, then with more: another scheme,
 * host or port, a slash at the end, the query kept, the path of `public_url` left out, escapes decoded.
 */
export function urlVariants(suspect: Suspect): readonly Variant<string>[] {
  const base = URL.parse(suspect.publicBase)
  if (base === null) return [{ value: suspect.publicBase + suspect.path, differences: [] }]
  const places = paths(base, suspect).flatMap((path) => joined(path, ends(path.value, suspect.query), ''))
  const origins = schemes(base).flatMap((scheme) =>
    joined(scheme, hosts(base, suspect.headers), `${scheme.value}//`),
  )
  return origins
    .flatMap((origin) => joined(origin, places, origin.value))
    .sort((a, b) => a.differences.length - b.differences.length)
    .slice(0, MOST_VARIANTS)
}

/** One part with each of its continuations, which follow on `lead`. */
function joined(
  part: Variant<string>,
  continuations: readonly Variant<string>[],
  lead: string,
): readonly Variant<string>[] {
  return continuations.map(({ value, differences }) => ({
    value: lead + value,
    differences: [...part.differences, ...differences],
  }))
}

function schemes({ protocol }: URL): readonly Variant<string>[] {
  const other = protocol === 'https:' ? 'http:' : 'https:'
  const difference = { code: 'scheme', signed: other.slice(0, -1), ours: protocol.slice(0, -1) } as const
  return [
    { value: protocol, differences: [] },
    { value: other, differences: [difference] },
  ]
}

/** Our own host, with and without its port, and the hosts that the request and the proxies before us name. */
function hosts(base: URL, headers: HeaderText): readonly Variant<string>[] {
  const ours = base.host
  const named = [...headerValuesOf(headers, 'x-forwarded-host'), ...headerValuesOf(headers, 'host')]
    .flatMap((value) => value.split(','))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => HOST.test(value))
  const others = new Set(
    [
      base.hostname,
      `${base.hostname}:443`,
      `${base.hostname}:80`,
      ...named,
      ...named.map(withoutPort),
    ].filter((host) => host !== ours),
  )
  return [
    { value: ours, differences: [] },
    ...[...others].slice(0, 8).map((host) => {
      const code = withoutPort(host) === base.hostname ? ('port' as const) : ('host' as const)
      return { value: host, differences: [{ code, signed: host, ours }] }
    }),
  ]
}

function paths(base: URL, { path }: Suspect): readonly Variant<string>[] {
  const root = base.pathname.replace(/\/$/, '')
  const found: Variant<string>[] = [{ value: root + path, differences: [] }]
  if (root !== '') found.push({ value: path, differences: [{ code: 'base_path', ours: root }] })
  const decoded = decodedPath(path)
  if (decoded !== path) found.push({ value: root + decoded, differences: [{ code: 'escapes' }] })
  return found
}

function ends(path: string, query: string): readonly Variant<string>[] {
  const turned = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  const slash = { code: 'trailing_slash', signed: path.endsWith('/') ? 'without' : 'with' } as const
  const plain: Variant<string>[] = [
    { value: path, differences: [] },
    { value: turned, differences: [slash] },
  ]
  if (query === '') return plain
  return [
    ...plain,
    ...plain.map(({ value, differences }) => ({
      value: value + query,
      differences: [...differences, { code: 'query' } as const],
    })),
  ]
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
