import type { StreamEvent } from '../../api.ts'

/**
 * What an event tells, the same however often it is told: a callback with what became of it, or an attempt. A gap has
 * no name, because each is news.
 */
export function eventName(event: StreamEvent): string | undefined {
  switch (event.type) {
    case 'attempt':
      return `${event.data.callback_id}.${event.data.number}`
    case 'callback':
      return `${event.data.id}.${event.data.result}`
    case 'gap':
      return undefined
  }
}

/** The moment it was told and its name: `1795444980123-01KAG….delivered`. */
export function eventId(event: StreamEvent): string | undefined {
  const name = eventName(event)
  return name === undefined ? undefined : `${event.at}-${name}`
}

/** The parts of an id that a client gives back; undefined when it is none of ours. */
export function parseEventId(id: string): { readonly at: number; readonly name: string } | undefined {
  const [, digits, name] = /^(\d{1,15})-([0-9A-Za-z]{1,64}\.\w{1,32})$/.exec(id) ?? []
  return digits === undefined || name === undefined ? undefined : { at: Number(digits), name }
}
