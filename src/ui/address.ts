// Where the reader is stands wholly in the address, behind the hash: `#/callbacks/ID`, `#/search?q=…`. A hash needs no
// answer of the server, so the page works below any path that a proxy puts it under, and links can be shared.

export interface Place {
  /** Parts of the path, decoded; empty at the start. */
  readonly parts: readonly string[]
  readonly params: URLSearchParams
}

/** The place that the hash of an address names. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const parts = path.split('/').filter((part) => part !== '')
  return { parts: parts.map(decoded), params: new URLSearchParams(query) }
}

/** The address of a place; parameters that are empty are left out. */
export function addressOf(parts: readonly string[], params: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(params).filter(([, value]) => value !== '')
  const query = new URLSearchParams(given).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
