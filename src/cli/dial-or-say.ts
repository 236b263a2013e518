import { messageOf, RingbackError } from '../errors.ts'
import { dial, type Dialled, type Dialling } from '../sample/dial.ts'
import type { Cli } from './cli.ts'
import { oneLine } from './terminal-text.ts'

/** Dials as the provider would. @throws RingbackError `unreachable` that says what to try */
export async function dialOrSay(cli: Cli, url: URL, request: Omit<Dialling, 'signal'>): Promise<Dialled> {
  try {
    return await dial(url, { ...request, signal: cli.signal })
  } catch (cause) {
    const why = messageOf(cause)
    throw new RingbackError(
      'unreachable',
      `No answer from ${url.origin} (${oneLine(why, 200)}).\nIs Ringback running? Start it with: ringback serve. Elsewhere? Say where with --to URL.`,
      { cause },
    )
  }
}
