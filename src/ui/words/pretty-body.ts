/** A body set out for reading, or where it is not what it looks like. */
export interface PrettyBody {
  readonly text: string | undefined
  /** Empty when there is nothing to say. */
  readonly problem: string
}

/** JSON with its lines indented; what begins like JSON and is none says where it breaks. */
export function prettyBody(text: string): PrettyBody {
  if (!/^\s*[[{]/.test(text)) return { text: undefined, problem: '' }
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), problem: '' }
  } catch (error) {
    const at = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const where = at === undefined ? '' : ` near byte ${at}`
    return { text: undefined, problem: `It begins like JSON and is none: it breaks${where}.` }
  }
}
