import { readFileSync, readdirSync } from 'node:fs'

const TICKS_PER_SECOND = 100 // USER_HZ, the same on every Linux that Node runs on
const MIB = 1024 * 1024

/** Names of Ringback's ledger threads, as the kernel shows them. */
const LEDGER_THREADS = new Set(['writer-thread', 'reader-thread'])

/** CPU seconds, user and system, that a process tree has used so far. */
export interface CpuSeconds {
  /** All threads. */
  readonly total: number
  /** The first thread of each process: where Node runs JavaScript. */
  readonly main: number
  /** The first thread of the first process alone: with workers, that of their owner. */
  readonly root: number
  /** Threads of Ringback's ledger. What is left of the total are helpers: V8 and libuv. */
  readonly ledger: number
}

/** Source: proc(5), /proc/PID/stat and /proc/PID/task/TID/stat. */
export function cpuSeconds(root: number): CpuSeconds {
  const sum = { total: 0, main: 0, root: 0, ledger: 0 }
  for (const pid of tree(root)) {
    sum.total += statSeconds(`/proc/${pid}/stat`).seconds
    for (const thread of threads(pid)) {
      const { name, seconds } = statSeconds(`/proc/${pid}/task/${thread}/stat`)
      if (pid === root && Number(thread) === pid) sum.root += seconds
      if (Number(thread) === pid) sum.main += seconds
      else if (LEDGER_THREADS.has(name)) sum.ledger += seconds
    }
  }
  return sum
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

function statSeconds(path: string): { name: string; seconds: number } {
  // The name in parentheses may hold anything, also blanks: count fields from behind it.
  const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(read(path)) ?? []
  const fields = rest.split(' ')
  return { name, seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND }
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
