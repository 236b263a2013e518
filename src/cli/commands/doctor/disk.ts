import { mkdtemp, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { Clock } from '../../../clock.ts'
import { messageOf } from '../../../errors.ts'
import type { Finding } from './finding.ts'
import { msText, sizeText } from '../../words.ts'

const SYNCS = 20
/** With the default durability a callback waits for one sync; above this the deadline is at risk under load. */
const SLOW_SYNC_MS = 20
const LITTLE_BYTES = 1e9

/** Is there room for the ledger, and how long does a sync take there? Nothing is said of a server's disk. */
export async function* checkDisk(store: string, clock: Pick<Clock, 'mono'>): AsyncGenerator<Finding> {
  if (!store.startsWith('sqlite:')) return
  const folder = await existingFolder(dirname(resolve(store.slice('sqlite:'.length))))
  try {
    const free = await freeBytes(folder)
    const isLittle = free < LITTLE_BYTES
    yield {
      name: 'disk',
      state: isLittle ? 'doubtful' : 'good',
      detail: `${sizeText(free)} free in ${folder}`,
      remedy: isLittle ? 'Make room, or lower ledger.max_size.' : '',
    }
    const ms = await syncMs(folder, clock)
    const isSlow = ms > SLOW_SYNC_MS
    yield {
      name: 'sync',
      state: isSlow ? 'doubtful' : 'good',
      detail: `${msText(ms)} for a sync to disk (median of ${SYNCS})`,
      remedy: isSlow ? 'Use a faster disk for the ledger, or ledger.durability: background.' : '',
    }
  } catch (error) {
    yield {
      name: 'disk',
      state: 'bad',
      detail: messageOf(error),
      remedy: `Let the user that runs Ringback write in ${folder}.`,
    }
  }
}

/** The daemon makes missing folders itself, so the nearest one that is there is looked at. */
async function existingFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  return isThere || folder === dirname(folder) ? folder : existingFolder(dirname(folder))
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

async function syncMs(folder: string, clock: Pick<Clock, 'mono'>): Promise<number> {
  const scratch = await mkdtemp(join(folder, '.ringback-doctor-'))
  try {
    await using file = await open(join(scratch, 'sync'), 'w')
    const page = new Uint8Array(4096)
    const times: number[] = []
    for (let n = 0; n < SYNCS; n++) {
      const startedAt = clock.mono()
      await file.write(page, 0, page.length, n * page.length)
      await file.sync()
      times.push(clock.mono() - startedAt)
    }
    return times.sort((a, b) => a - b)[SYNCS / 2] ?? Number.NaN
  } finally {
    await rm(scratch, { recursive: true })
  }
}
