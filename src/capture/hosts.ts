/**
 * Is this the URL of a host whose URLs may be captured? An entry without a port holds for all of them.
 *
 * @param hosts `HOST` or `HOST:PORT`
 */
export function isHostListed(url: string, hosts: readonly string[]): boolean {
  const parsed = URL.parse(url)
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) return false
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port
  return hosts.some((entry) => {
    const host = entry.toLowerCase()
    return host === parsed.hostname || host === `${parsed.hostname}:${port}`
  })
}
