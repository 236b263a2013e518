import type { StreamEvent } from '../../api.ts'

/** What of the stream a client wants. */
export interface Wish {
  readonly route?: string | undefined
  readonly call_id?: string | undefined
  readonly types?: 'attempt' | 'callback' | undefined
}

export function wants(wish: Wish, event: StreamEvent): boolean {
  if (event.type === 'gap') return true
  return (
    (wish.types === undefined || wish.types === event.type) &&
    (wish.route === undefined || wish.route === event.data.route) &&
    (wish.call_id === undefined || wish.call_id === event.data.call_id)
  )
}
