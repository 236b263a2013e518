import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of this thread's heap that are in use once all garbage is gone. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
