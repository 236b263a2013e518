import { type Finding, valueAt } from './issues.ts'
import type { FieldPath } from './problem.ts'
import { type FileConfig, fileSchema } from './schema.ts'

/**
 * The file without the settings that were found wrong, so that the rest can be checked in the same run; undefined
 * when nothing checkable is left. Never used to run on.
 */
export function salvage(value: unknown, findings: readonly Finding[]): FileConfig | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const copy: unknown = structuredClone(value)
  for (const { path } of findings) {
    const field = removable(path)
    // Without a whole section, what refers to it would look wrong too.
    if (field.length === 0 || (field.length === 1 && field.length < path.length)) return undefined
    const parent = valueAt(copy, field.slice(0, -1))
    const key = field.at(-1)
    if (typeof parent === 'object' && parent !== null && key !== undefined)
      Reflect.deleteProperty(parent, key)
  }
  return fileSchema.safeParse(copy).data
}

/** An entry of a list goes with its whole list, or the places of the entries behind it would shift. */
function removable(path: FieldPath): FieldPath {
  let end = path.length
  while (end > 0 && typeof path[end - 1] === 'number') end--
  return path.slice(0, end)
}
