import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Machine } from '../measure/machine.ts'
import type { Options } from '../options.ts'

const RESULTS = join(import.meta.dirname, '..', 'results')

/** Prints the report and keeps it, with every single figure behind it, in bench/results/. */
export async function writeReport(
  markdown: string,
  facts: { readonly machine: Machine; readonly options: Options; readonly [more: string]: unknown },
): Promise<void> {
  const takenAt = new Date().toISOString()
  await mkdir(RESULTS, { recursive: true })
  const name = join(RESULTS, `${facts.options.suite}-${takenAt.replaceAll(/[:.]/g, '-')}`)
  await writeFile(`${name}.json`, JSON.stringify({ takenAt, ...facts }, null, 2))
  await writeFile(`${name}.md`, `${markdown}\n`)
  console.log(`\n${markdown}\n\nWritten: ${name}.json and .md`)
}
