import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects all garbage of this thread, so that what is in use afterwards is what is kept. */
export function collectGarbage(): void {
  collect()
}
