import type { z } from 'zod'

import { valueAt } from './issues.ts'
import type { FieldPath } from './problem.ts'
import { type FileConfig, fileSchema } from './schema.ts'

/**
 * What stands in for a setting that is required, tried in turn until one has the right form. They are like nothing that
 * another setting could mean; what rules say of them is an echo, which load.ts leaves out.
 */
const standIns: readonly ((number: number) => unknown)[] = [
  (number) => `stand-in-${number}`, // ids, names and files
  (number) => `/stand-in-${number}/`,
  (number) => `https://stand-in-${number}.invalid/`,
  () => ({ env: 'STAND_IN' }), // also an entry, whose own keys are then looked at
  () => 'stand-in@stand-in.invalid',
  () => '00:00',
  () => '00:00-00:01',
  () => '0 0 * * *',
  () => 'read', // role of a token
  () => 'slack', // a channel
  () => ['stand-in'], // its entry is then looked at
]

/**
 * The file without the settings that were found wrong, so that the rest can be checked in the same run; undefined
 * when that cannot be had. Never used to run on.
 */
export function salvage(value: unknown): FileConfig | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const mender = new Mender(structuredClone(value))
  for (;;) {
    const { data, error } = fileSchema.safeParse(mender.copy)
    if (error === undefined) return data
    const paths = new Map(error.issues.flatMap(pathsOf).map((path) => [JSON.stringify(path), path]))
    for (const path of paths.values()) {
      if (!mender.mend(path)) return undefined
    }
  }
}

/** Each call makes one more try at a place, and there are only so many. */
class Mender {
  readonly copy: object
  readonly #tries = new Map<string, number>()
  #standing = 0

  constructor(copy: object) {
    this.copy = copy
  }

  /** @returns false when there is nothing left to try */
  mend(path: FieldPath): boolean {
    const key = path.at(-1)
    if (key === undefined) return false
    const place = JSON.stringify(path)
    // Without an entry of a list, those behind it would no longer stand where they do in the file.
    const tried = this.#tries.get(place) ?? (typeof key === 'number' ? 1 : 0)
    this.#tries.set(place, tried + 1)
    const above = path.slice(0, -1)
    const parent = valueAt(this.copy, above)
    if (tried > standIns.length || typeof parent !== 'object' || parent === null) return this.mend(above)
    if (tried === 0) Reflect.deleteProperty(parent, key)
    else Reflect.set(parent, key, standIns[tried - 1]?.(++this.#standing))
    return true
  }
}

function pathsOf(issue: z.core.$ZodIssue): readonly FieldPath[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}
