import type { FieldPath } from '../problem.ts'
import type { FileText } from '../read-secrets.ts'
import type { Config } from '../schema.ts'

/** What a rule is given: the settings, and where to say what is wrong with them. */
export interface Check {
  readonly config: Config
  readonly problem: (path: FieldPath, message: string) => void
  readonly warning: (path: FieldPath, message: string) => void
  /** Was the form of the setting wrong, or of one around or in it? Then `config` lacks what the file has, or holds a stand-in. */
  readonly isBroken: (path: FieldPath) => boolean
  /** Line of a setting in the file, counted from 1. */
  readonly lineOf: (path: FieldPath) => number
  /** Throws when the file cannot be read. */
  readonly readFile: (path: string) => FileText
}
