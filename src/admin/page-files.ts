import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** One file of the page, ready to be sent. */
interface PageFile {
  readonly contentType: string
  /** As the build compressed it, where it did: browsers take it so, and memory is kept once. */
  readonly bytes: Uint8Array
  readonly isGzipped: boolean
  /** Its name changes with its content, so browsers may keep it for ever. */
  readonly isImmutable: boolean
}

/** The files of the page by path, such as `/` and `/assets/index-4f2a.js`; empty where it was not built. */
export type PageFiles = ReadonlyMap<string, PageFile>

/**
 * Everything comes from the port itself, nothing is inline: a text from a callback that found its way into the page
 * as markup would still run nothing and ask nobody.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** What the port answers where the page was not built. */
export const NOT_BUILT = `The page is not built.

In the repository:  npm run build:ui     (npm start does it by itself once "npm ci" has put its tools in place)

The command line and the API are there without it: npx ringback status, /api/openapi.json.
`

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Reads the built page into memory: it is small, and no path of a request ever becomes a path of a file. */
export function readPageFiles(folder: string): PageFiles {
  const files = new Map<string, PageFile>()
  const names = namesIn(folder)
  for (const name of names) {
    const contentType = types[extname(name)]
    if (contentType === undefined) continue
    const isGzipped = names.has(`${name}.gz`)
    const bytes = readFileSync(join(folder, isGzipped ? `${name}.gz` : name))
    const path = name === 'index.html' ? '/' : `/${name.replaceAll('\\', '/')}`
    files.set(path, { contentType, bytes, isGzipped, isImmutable: path.startsWith('/assets/') })
  }
  return files
}

/** Links of messages, such as `/incidents/ID`, lead to the same thing in the page; relative, so also below a path. */
export function pageLink(path: string): string | undefined {
  const [, kind, id, more] = path.split('/')
  const isThing = kind === 'callbacks' || kind === 'calls' || kind === 'incidents'
  return isThing && id !== undefined && id !== '' && more === undefined ? `../#/${kind}/${id}` : undefined
}

/**
 * Links of dashboards, such as `/callbacks?var-route=calls&since=1764081600000`, lead to the page's search. Grafana
 * writes a variable as often as it has values, and as `$__all` when all are meant; the search knows one route or all.
 */
export function searchLink(query: string): string {
  const asked = new URLSearchParams(query)
  const routes = asked.getAll('var-route')
  const [route = ''] = routes
  const isOne = routes.length === 1 && route !== '$__all'
  const words = [
    ...(isOne ? [`route:${route}`] : []),
    ...['since', 'until'].flatMap((name) => asked.getAll(name).map((at) => `${name}:${at}`)),
  ]
  return `./#/search?${new URLSearchParams({ q: words.join(' ') }).toString()}`
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }))
  } catch {
    return new Set()
  }
}
