import { reasonOf } from '../read-secrets.ts'
import { Secret } from '../secret.ts'
import { storeFault } from '../store.ts'
import { isLoopbackHost, parseRange } from './address-ranges.ts'
import type { Check } from './check.ts'

/** What Ringback is reached by, and what it may reach. */
export function checkPorts(check: Check): void {
  checkPublicUrl(check)
  checkListeners(check)
  checkRanges(check)
  checkTlsFiles(check)
  checkStore(check)
}

function checkPublicUrl({ config, problem, warning }: Check): void {
  const path = ['public_url']
  const text = config.public_url
  if (text === undefined) {
    const needs = config.accounts.some(
      (each) => each.auth_token !== undefined || each.parent_auth_token !== undefined,
    )
    if (needs) {
      problem(path, 'is missing; signatures V2 and V3 cover the URL that Vobiz dials, so write that URL here')
    } else if (config.accounts.length + config.routes.length > 0) {
      warning(
        path,
        'is missing; write the https URL that Vobiz dials, so that `ringback urls` can print the right ones',
      )
    }
    return
  }
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    problem(path, 'must be an https URL such as https://callbacks.example.com')
    return
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    problem(path, 'must be https: Vobiz dials no http URL (http is for localhost only)')
  }
  if (url.username !== '' || url.password !== '') {
    problem(path, 'must hold no user and password; use basic_auth of an account or a route')
  }
  if (/[?#]/.test(text)) problem(path, 'must hold no query and no fragment')
}

function checkListeners({ config, problem, lineOf, isBroken }: Check): void {
  const hasTokens = config.admin.tokens.length > 0 || isBroken(['admin', 'tokens'])
  if (!hasTokens && !isLoopbackHost(hostOf(config.admin.listen))) {
    problem(
      ['admin', 'listen'],
      'is open beyond this machine and no token is set; add admin.tokens, or listen on 127.0.0.1',
    )
  }
  const listeners = [
    { path: ['listen'], address: config.listen },
    { path: ['admin', 'listen'], address: config.admin.listen },
    ...(config.capture === undefined
      ? []
      : [{ path: ['capture', 'listen'], address: config.capture.listen }]),
  ]
  for (const [index, { path, address }] of listeners.entries()) {
    const port = portOf(address)
    const earlier = listeners
      .slice(0, index)
      .find((other) => port !== 0 && portOf(other.address) === port && overlap(other.address, address))
    if (earlier !== undefined) {
      problem(
        path,
        `uses port ${port}, as ${earlier.path.join('.')} does (line ${lineOf(earlier.path)}); choose another port`,
      )
    }
  }
  const seen = new Set<string>()
  for (const [index, token] of config.admin.tokens.entries()) {
    if (seen.has(token.name))
      problem(['admin', 'tokens', index, 'name'], `"${token.name}" names two tokens; give each its own name`)
    seen.add(token.name)
  }
}

function checkRanges({ config, problem, warning }: Check): void {
  for (const key of ['allow_targets', 'trusted_proxies', 'provider_addresses'] as const) {
    for (const [index, text] of config[key].entries()) {
      const range = parseRange(text)
      if (range === undefined) {
        problem([key, index], 'must be an address or a range such as 10.0.0.0/8')
      } else if (range.bits === 0) {
        warning([key, index], 'holds every address there is; name the ranges that you mean')
      }
    }
  }
}

function checkTlsFiles({ config, problem, warning, readFile }: Check): void {
  if (config.tls === undefined) return
  for (const key of ['cert', 'key'] as const) {
    try {
      const { text, mode } = readFile(config.tls[key])
      if (!text.includes('-----BEGIN ')) problem(['tls', key], 'is not a PEM file')
      if (key === 'key' && (mode & 0o004) !== 0) {
        warning(['tls', key], 'can be read by every user of this machine; chmod 600 it')
      }
    } catch (error) {
      problem(['tls', key], `cannot be read (${reasonOf(error)})`)
    }
  }
}

function checkStore({ config, problem, warning }: Check): void {
  if (config.store instanceof Secret) return
  const fault = storeFault(config.store)
  if (fault !== undefined) {
    problem(['store'], fault)
  } else if ((URL.parse(config.store)?.password ?? '') !== '') {
    warning(
      ['store'],
      'holds a password in the file; write store: { env: NAME } and set the URL in the environment',
    )
  }
}

/** The host of HOST:PORT. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'))
}

/** The port of HOST:PORT. */
export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** Is this the host of a listener that takes connections to every address of the machine? */
export function isAnyHost(host: string): boolean {
  return host === '0.0.0.0' || host === '[::]'
}

function overlap(one: string, other: string): boolean {
  const [host, otherHost] = [hostOf(one), hostOf(other)]
  return host === otherHost || isAnyHost(host) || isAnyHost(otherHost)
}
