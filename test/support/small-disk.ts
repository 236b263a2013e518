import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'

/** Mounts a tmpfs of 24 MB on a new folder; undefined where this user may not mount. */
export function mountSmallDisk(folder: string): { unmount(): void } | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { unmount: () => void execFileSync('umount', [folder]) }
}

/** Writes until nothing more goes in. @returns the code of the error that ended it */
export function fillDisk(path: string): string | undefined {
  const handle = openSync(path, 'w')
  try {
    for (let size = 64 * 1024; size >= 1; size /= 2) fillWith(handle, Buffer.alloc(size))
    return 'ENOSPC'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  } finally {
    closeSync(handle)
  }
}

function fillWith(handle: number, piece: Buffer): void {
  try {
    for (;;) writeSync(handle, piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
