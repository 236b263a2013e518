/** A dot segment, plain or percent-encoded, between anything that some server takes for a separator. */
const dotSegment = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|%3b|$)/i

interface Node<T> {
  readonly children: Map<string, Node<T>>
  /** Of a prefix that ends here without a slash: takes the path itself and what is below it. */
  exact: T | undefined
  /** Of a prefix that ends here with a slash: takes what is below it. */
  below: T | undefined
}

/**
 * Finds the longest configured prefix of a raw path, segment by segment: `/ivr` does not take `/ivrx`, nothing is
 * decoded and no slashes are merged. The cost depends on the depth of the match, not on how many prefixes there are.
 */
export class Prefixes<T> {
  readonly #root: Node<T> = node()

  add(prefix: string, value: T): void {
    const segments = prefix.split('/').slice(1)
    const endsInSlash = segments.at(-1) === ''
    if (endsInSlash) segments.pop()
    let at = this.#root
    for (const segment of segments) {
      let next = at.children.get(segment)
      if (next === undefined) at.children.set(segment, (next = node()))
      at = next
    }
    if (endsInSlash) at.below = value
    else at.exact = value
  }

  /**
   * A path with a dot segment has no prefix: the handler would resolve it, and leave the folder that the route
   * opens.
   */
  find(path: string): T | undefined {
    let at = this.#root
    let start = 1
    let found = path.startsWith('/') ? at.below : undefined
    while (at.children.size > 0 && start <= path.length) {
      const slash = path.indexOf('/', start)
      const end = slash === -1 ? path.length : slash
      const next = at.children.get(path.slice(start, end))
      if (next === undefined) break
      at = next
      found = (slash === -1 ? at.exact : (at.below ?? at.exact)) ?? found
      start = end + 1
    }
    return found === undefined || hasDotSegment(path) ? undefined : found
  }
}

function hasDotSegment(path: string): boolean {
  return (path.includes('.') || path.includes('%')) && dotSegment.test(path)
}

function node<T>(): Node<T> {
  return { children: new Map(), exact: undefined, below: undefined }
}
