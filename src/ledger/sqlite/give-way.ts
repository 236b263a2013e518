import { constants, getPriority, platform, setPriority } from 'node:os'

/**
 * Lets other threads go before this one where there are fewer cores than work. Only Linux knows a priority of one thread
 * (https://man7.org/linux/man-pages/man2/setpriority.2.html).
 *
 * @param niceness steps below what the process runs with, of which 19 is the last; each leaves some four fifths of the
 *   share that the thread would have beside others
 */
export function giveWay(niceness: number): void {
  if (platform() !== 'linux') return
  try {
    setPriority(0, Math.min(getPriority(0) + niceness, constants.priority.PRIORITY_LOW))
  } catch {
    // The kernel does not let us: the work is done all the same.
  }
}
