import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

import type { Options } from '../options.ts'

/** Where a result was measured; figures of two machines do not compare. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly fileSystem: string
  /** Median time of a synced write of 4 KiB in the data folder, milliseconds. */
  readonly syncMs: number
  /** Where each process is kept; undefined when cores are not pinned. */
  readonly pinning: Pinning | undefined
}

export interface Pinning {
  readonly proxy: number
  readonly generator: number
  readonly upstream: number
}

const FILE_SYSTEMS = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs (memory: syncs cost nothing here)'],
  [0x794c7630, 'overlayfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
])

export function describeMachine(dataFolder: string, pin: Options['pin']): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${osName()}, Linux ${release()}`,
    node: process.version,
    fileSystem: FILE_SYSTEMS.get(statfsSync(dataFolder).type) ?? 'unknown file system',
    syncMs: medianSyncMs(dataFolder),
    pinning: pinning(pin),
  }
}

export function machineSentence(machine: Machine): string {
  const pins = machine.pinning
  return [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
    `Data on ${machine.fileSystem}; a synced write of 4 KiB takes ${machine.syncMs.toFixed(2)} ms (median).`,
    pins === undefined
      ? 'Processes are not pinned to cores.'
      : `Proxy on core ${pins.proxy}, generator on core ${pins.generator}, upstream on core ${pins.upstream}.`,
  ].join(' ')
}

/** One core for the proxy, the others for what loads it; undefined where that cannot be or is not wanted. */
function pinning(pin: Options['pin']): Pinning | undefined {
  if (pin === 'off' || !['/usr/bin/taskset', '/bin/taskset'].some((path) => existsSync(path)))
    return undefined
  const cores = availableParallelism()
  if (pin === 'auto') {
    return cores < 2 ? undefined : { proxy: 0, generator: 1, upstream: cores > 2 ? 2 : 1 }
  }
  const [proxy, generator, upstream] = pin
  return { proxy, generator, upstream }
}

function osName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return 'Linux'
  }
}

function medianSyncMs(folder: string): number {
  const block = Buffer.alloc(4096, 1)
  const file = openSync(join(folder, 'sync-probe'), 'w')
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const startedAt = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    times.push(performance.now() - startedAt)
  }
  closeSync(file)
  return times.sort((a, b) => a - b)[25] ?? Number.NaN
}
