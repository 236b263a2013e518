import type { Place } from './address.ts'
import { askAhead, type Read } from './api/ask.ts'
import { reads, USUAL_WINDOW } from './api/reads.ts'
import { filterOf, tokensOf } from './screens/search/query-text.ts'

/** Asks for what the screen of a place shows first, while the browser still loads the scripts that show it. */
export function askFirst({ parts, params }: Place): void {
  askAhead(...reads.session())
  const read = firstRead(parts, params)
  if (read !== undefined) askAhead(...read)
}

function firstRead([name = 'live', id = '']: readonly string[], params: URLSearchParams): Read | undefined {
  switch (name) {
    case 'live':
      return reads.newest()
    case 'search':
      return searchRead(params.get('q') ?? '')
    case 'callbacks':
      return reads.callback(id)
    case 'calls':
      return reads.call(id)
    case 'routes':
      return reads.routes(params.get('window') ?? USUAL_WINDOW)
    case 'incidents':
      return id === '' ? reads.incidents() : reads.incident(id)
    case 'dead-letters':
      return reads.deadLetters(params.get('route') ?? '', '')
    case 'configuration':
      return reads.configuration()
    case 'status':
    case 'start':
      return reads.status()
    default:
      return undefined
  }
}

function searchRead(text: string): Read | undefined {
  const tokens = tokensOf(text)
  return tokens.some(({ problem }) => problem !== '') ? undefined : reads.search(filterOf(tokens), '')
}
