import { readFileSync, readdirSync } from 'node:fs'

const TICKS_PER_SECOND = 100 // USER_HZ, the same on every Linux that Node runs on
const MIB = 1024 * 1024

/** CPU seconds (user and system, all threads) that a process tree has used so far. proc(5), /proc/PID/stat. */
export function cpuSeconds(root: number): number {
  let ticks = 0
  for (const pid of tree(root)) {
    // The name in parentheses may hold anything, also blanks: count fields from behind it.
    const fields = read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  }
  return ticks / TICKS_PER_SECOND
}

/** Resident memory of a process tree in MiB: now, and the sum of each process's highest. */
export function residentMiB(root: number): { now: number; peak: number } {
  let now = 0
  let peak = 0
  for (const pid of tree(root)) {
    const status = read(`/proc/${pid}/status`)
    now += kibibytes(status, 'VmRSS')
    peak += kibibytes(status, 'VmHWM')
  }
  return { now: (now * 1024) / MIB, peak: (peak * 1024) / MIB }
}

/** CPU seconds that the whole machine has spent on anything but idling. */
export function machineBusySeconds(): number {
  const [user, nice, system, , , irq, softirq, steal] = (read('/proc/stat').split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  const busy = [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0)
  return busy / TICKS_PER_SECOND
}

function tree(root: number): number[] {
  const pids = [root]
  for (const pid of pids) {
    for (const thread of threads(pid)) {
      const children = read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number)
      pids.push(...children)
    }
  }
  return pids
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // the process ended between two looks
  }
}
