import type { Captured } from './captured-urls.ts'
import type { Slot } from './slot.ts'

/** Captured URLs by the place they are for. */
export type Found = ReadonlyMap<Slot, Captured>

/** Those that a restart would find again; what takes longer than `patienceMs` to be written is left out. */
export async function storedOf(found: Found, patienceMs: number): Promise<Found> {
  const usable = new Map<Slot, Captured>()
  await Promise.all(
    [...found].map(async ([slot, captured]) => {
      if (await soon(captured.stored, patienceMs)) usable.set(slot, captured)
    }),
  )
  return usable
}

function soon(promised: Promise<boolean>, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, patienceMs), false)
    void promised.then((isStored) => {
      clearTimeout(timer)
      resolve(isStored)
    })
  })
}
