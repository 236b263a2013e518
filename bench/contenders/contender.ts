import type { ChildProcess } from 'node:child_process'

import type { Processes } from '../measure/processes.ts'

/** What every contender gets to start with. */
export interface Ground {
  readonly processes: Processes
  /** Scratch folder of this run. */
  readonly folder: string
  readonly upstreamPort: number
  readonly secret: string
  readonly proxyCore: number | undefined
}

/** One proxy of the comparison. */
export interface Contender {
  readonly name: string
  /** What it does beside proxying, for the reader of the table. */
  readonly does: string
  /** A program or file that must be there, else the contender is left out with a line that says so. */
  readonly needs?: string
  /** Routes that the requests go round; 1 by default. */
  readonly routes?: number
  start(ground: Ground): Started | Promise<Started>
}

/** `child` is undefined where there is no proxy at all. */
export interface Started {
  readonly port: number
  /** Ringback's private port. */
  readonly adminPort?: number
  readonly child: ChildProcess | undefined
}
