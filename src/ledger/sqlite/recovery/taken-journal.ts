import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

import type { Attempt, Via } from '../../../callback/attempt.ts'
import type { Role } from '../../../callback/route.ts'
import { fillByPages } from './fill-by-pages.ts'

/** One attempt that a target took. */
export interface Taking {
  readonly id: string
  readonly number: number
  readonly target: Role
  readonly via: Via
  readonly status: number
  readonly startedAt: number
}

/**
 * Notes what targets took, at the end of the same turn of the event loop and without waiting for the disk: what the system has of a file outlives the process
 * that wrote it, so a kill between a handler's 200 and the next commit doubles nothing.
 */
export interface TakenJournal {
  /** One short write for all that were taken in one turn. A write that fails is no loss of a promise: the callback may come twice. */
  note(callbackId: string, attempt: Attempt): void
  close(): void
}

/** Length of one entry with its line break. */
const ENTRY_BYTES = 80
/** More than can be taken and not yet committed at one moment; older entries are written over. */
const ENTRIES = 8192

/** Entries that are gathered at most before they are written. */
const GATHERED = 256
const LINE_BREAK = 10
const blank = Buffer.from(`${' '.repeat(ENTRY_BYTES - 1)}\n`)

const entries = /^([0-9A-Z]{26}) (\d+) (primary|fallback) (live|rescue|replay) (\d{3}) (\d+) *$/gm

/** The journal of a ledger stands beside it. */
export function journalOf(ledger: string): string {
  return `${ledger}.taken`
}

/**
 * Makes the journal of a ledger anew, as large as it gets, so that a full disk does not silence it: by what the process
 * before had noted, all that was in doubt is settled by then. Never throws.
 */
export function openTakenJournal(ledger: string): TakenJournal {
  let file: number | undefined
  let next = 0
  try {
    file = openSync(journalOf(ledger), constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
    fillByPages(file, ENTRIES * ENTRY_BYTES, LINE_BREAK)
  } catch {
    // Without it a kill may double more; nothing is lost.
  }
  /** Entries of this turn, each as long as every other: blanks up to its line break. */
  const gathered = Buffer.alloc(GATHERED * ENTRY_BYTES)
  let count = 0
  let flushing: NodeJS.Immediate | undefined

  const flush = (): void => {
    const entries = count
    count = 0
    flushing = undefined
    if (file === undefined) return
    try {
      for (let from = 0; from < entries;) {
        const fitting = Math.min(entries - from, ENTRIES - next)
        writeSync(file, gathered, from * ENTRY_BYTES, fitting * ENTRY_BYTES, next * ENTRY_BYTES)
        next = (next + fitting) % ENTRIES
        from += fitting
      }
    } catch {
      // as above
    }
  }
  return {
    note(callbackId, { number, target, via, status, startedAt }) {
      if (count === GATHERED) flush()
      const at = count * ENTRY_BYTES
      const text = `${callbackId} ${number} ${target.role} ${via} ${status} ${startedAt}`
      gathered.set(blank, at)
      gathered.write(text, at, ENTRY_BYTES - 1, 'latin1')
      count++
      flushing ??= setImmediate(flush)
    },
    close() {
      clearImmediate(flushing)
      flush()
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/**
 * What the process before had noted. Entries stay true for ever: what a target took, it took. A torn or strange one is
 * left out; so is the whole file when it cannot be read.
 */
export function readTakings(ledger: string): readonly Taking[] {
  let text: string
  try {
    text = readFileSync(journalOf(ledger), 'latin1')
  } catch {
    return []
  }
  // Not line by line: most of a young journal is empty lines.
  return [...text.matchAll(entries)].map(([, id = '', number, target, via, status, startedAt]) => ({
    id,
    number: Number(number),
    target: target as Role,
    via: via as Via,
    status: Number(status),
    startedAt: Number(startedAt),
  }))
}
