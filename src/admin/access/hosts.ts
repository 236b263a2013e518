const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** Is this listen host reachable from this machine only? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare)
}

/**
 * The host names that the port answers to: loopback names, the address it listens on and the names it was told.
 * A page of somebody else's domain that was rebound to our address (DNS rebinding) still sends its own name.
 */
export function allowedHosts(listenHost: string, more: readonly string[]): ReadonlySet<string> {
  const bracketed = listenHost.includes(':') && !listenHost.startsWith('[') ? `[${listenHost}]` : listenHost
  return new Set([...loopbackNames, bracketed, ...more].map((name) => name.toLowerCase()))
}

/** May a request with this Host header be answered? A numeric address cannot be rebound, so only names are held to the list. */
export function isAllowedHost(hostHeader: string | undefined, allowed: ReadonlySet<string>): boolean {
  if (hostHeader === undefined) return false
  const host = hostOf(`http://${hostHeader}`)
  return host !== undefined && (allowed.has(host) || isNumeric(host))
}

/** May a request that names this origin be answered? Only pages of this port itself ask; `null` and other sites are refused. */
export function isAllowedOrigin(origin: string, hostHeader: string | undefined): boolean {
  const url = URL.parse(origin)
  const host = URL.parse(`http://${hostHeader ?? ''}`)
  if (url === null || host === null) return false
  // The port is left out: behind a proxy that ends TLS the page's own port is not the one in Host.
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname === host.hostname
}

function hostOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.pathname !== '/' || url.search !== '') return undefined
  return url.hostname
}

function isNumeric(host: string): boolean {
  return host.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
}
