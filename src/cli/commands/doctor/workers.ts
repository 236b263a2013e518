import type { Config } from '../../../config/schema.ts'
import type { Finding } from './finding.ts'

/** Do the workers and their owner have a core each? Nothing is said where one process does everything. */
export function* checkWorkers(workers: Config['workers'], cores: number): Generator<Finding> {
  const count = workers === 'auto' ? cores : workers
  if (count === 1) return
  const isEnough = count < cores
  yield {
    name: 'workers',
    state: isEnough ? 'good' : 'doubtful',
    detail: `${count} of them and their owner, on ${cores} cores`,
    remedy: isEnough
      ? ''
      : 'Where they have no core each, one process (workers: 1) takes more callbacks; see docs/performance.md.',
  }
}
