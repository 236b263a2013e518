import type { Route } from '../callback/route.ts'

/**
 * On a path route, what is below the primary's URL is found below the fallback's too. Empty where there is no such
 * place; what the fallback itself answered stays with it, because it may know the call.
 */
export function twinInFallback(url: string, { prefix, targets }: Route): string {
  const [primary, fallback] = targets
  if (prefix === undefined || fallback === undefined) return ''
  const home = folder(primary.origin + primary.path)
  return url.startsWith(home) ? folder(fallback.origin + fallback.path) + url.slice(home.length) : ''
}

function folder(url: string): string {
  const mark = url.indexOf('?')
  const plain = mark === -1 ? url : url.slice(0, mark)
  return plain.endsWith('/') ? plain : `${plain}/`
}
