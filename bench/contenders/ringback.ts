import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { environment, flags } from '../../bin/tuning.js'
import { freePort } from '../measure/processes.ts'
import { type RingbackFacts, ringbackConfig } from './configs.ts'
import type { Contender, Ground, Started } from './contender.ts'

/** A part of Ringback that can be left out by without/, which needs no switch in the product. */
export type LeftOut = 'ledger' | 'metrics' | 'alerts'

export interface RingbackVariant {
  readonly name: string
  readonly does: string
  readonly settings?: Partial<
    Pick<RingbackFacts, 'durability' | 'routes' | 'signature' | 'logLevel' | 'workers' | 'hasUnsigned'>
  >
  readonly without?: readonly LeftOut[]
  /** Its modules one by one, as without/ needs them to leave some out, instead of what is shipped. */
  readonly isFromSource?: boolean
  /** Flags of Node; by default those of deploy/ and the image. */
  readonly nodeFlags?: readonly string[]
  /** A ledger to begin with, by its path; it is written to. */
  readonly ledger?: string
}

const HOOKS = join(import.meta.dirname, '..', 'without', 'hooks.ts')

/** Ringback, by default as in the package and the image. */
export function ringback(variant: RingbackVariant): Contender {
  return {
    name: variant.name,
    does: variant.does,
    needs: variant.ledger ?? 'src/main.ts',
    routes: variant.settings?.routes ?? 1,
    start: async (ground) => startRingback(variant, ground),
  }
}

async function startRingback(variant: RingbackVariant, ground: Ground): Promise<Started> {
  const { name, settings = {}, without = [], nodeFlags = flags, isFromSource = false } = variant
  const [port, adminPort] = [await freePort(), await freePort()]
  const config = join(ground.folder, `${name}.yaml`)
  const facts: RingbackFacts = {
    port,
    adminPort,
    upstreamPort: ground.upstreamPort,
    store: variant.ledger ?? join(ground.folder, `${name}.db`),
    durability: 'background',
    routes: 1,
    signature: 'enforce',
    logLevel: 'info',
    ...settings,
  }
  await writeFile(config, ringbackConfig(facts))
  const child = ground.processes.start(
    process.execPath,
    [
      ...nodeFlags,
      ...(without.length === 0 ? [] : ['--import', HOOKS]),
      isFromSource ? 'src/main.ts' : 'dist/daemon/main.js',
      'serve',
      '--config',
      config,
    ],
    {
      env: { ...environment, BENCH_WEBHOOK_SECRET: ground.secret, BENCH_WITHOUT: without.join(',') },
      core: ground.proxyCore,
      output: join(ground.folder, `${name}.log`),
    },
  )
  return { port, adminPort, child }
}
