import { readFileSync, statSync } from 'node:fs'

import { type Finding, findingsOf, valueAt } from './issues.ts'
import type { Places } from './places.ts'
import { ConfigError, fieldName, type FieldPath, type Problem } from './problem.ts'
import { type FileText, readSecrets, reasonOf } from './read-secrets.ts'
import { checkRules } from './rules/rules.ts'
import { salvage } from './salvage.ts'
import { type Config, fileSchema } from './schema.ts'
import { adminListen } from './schema/ports.ts'
import { readSource } from './source.ts'

export interface LoadOptions {
  /** Path of the file, as it shall stand in messages. */
  readonly path: string
  /** The file's text, if it was read already. */
  readonly text?: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** How files are read; the file system unless a test says otherwise. Relative paths start at the working directory. */
  readonly readFile?: (path: string) => FileText
}

export interface LoadedConfig {
  readonly config: Config
  readonly path: string
  /** What works and is doubtful, in the order of the file. */
  readonly warnings: readonly Problem[]
  /** Where settings stand in the file. For one that it does not set a default stands in. */
  readonly places: Places
}

/**
 * Reads and checks a configuration file.
 *
 * @throws ConfigError with all problems at once, each with its line and a remedy
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { path, readFile = readTextFile } = options
  const source = readSource(options.text ?? readConfigText(path, readFile))
  if (source.faults.length > 0) {
    throw new ConfigError(source.faults.map((fault) => ({ ...fault, file: path, field: '' })))
  }
  const located = (findings: readonly Finding[]) => locate(findings, source.places, path)

  const checked = fileSchema.safeParse(source.value)
  const structural = checked.success ? [] : findingsOf(checked.error.issues, source.value)
  // One wrong key must not hide what else is wrong, so the rest is checked without it.
  const file = checked.success ? checked.data : salvage(source.value)
  if (file === undefined) throw new ConfigError(located(structural))

  const secrets = readSecrets(file, { env: options.env, readFile })
  const rules = checkRules(secrets.config, {
    readFile,
    lineOf: (field) => source.places.positionOf(field).line,
    isBroken: (field) =>
      structural.some((found) => isWithin(found.path, field) || isWithin(field, found.path)),
  })
  const problems = [...structural, ...withoutEchoes([...secrets.problems, ...rules.problems], structural)]
  if (problems.length > 0) throw new ConfigError(located(problems))
  return {
    config: deepFreeze(secrets.config),
    path,
    warnings: located([...secrets.warnings, ...rules.warnings]),
    places: source.places,
  }
}

/**
 * `admin.listen` of the file, and nothing else of it: a daemon goes on when its file is broken by now, and its secrets
 * need not be known here. Undefined when the file does not say it.
 */
export function readAdminListen(path: string): string | undefined {
  try {
    const { value, faults } = readSource(readTextFile(path).text)
    return faults.length === 0 ? adminListen.parse(valueAt(value, ['admin', 'listen'])) : undefined
  } catch {
    return undefined
  }
}

/** The default way to read files. Refuses what is not a regular file, and what is too large to be a setting. */
function readTextFile(path: string): FileText {
  const stats = statSync(path)
  if (!stats.isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' })
  if (stats.size > MAX_FILE_BYTES) throw Object.assign(new Error('too large'), { code: 'too large' })
  return { text: readFileSync(path, 'utf8'), mode: stats.mode }
}

const MAX_FILE_BYTES = 4 * 1024 * 1024

function readConfigText(path: string, readFile: (path: string) => FileText): string {
  try {
    return readFile(path).text
  } catch (error) {
    const message = `cannot be read (${reasonOf(error)}); write one with: ringback init`
    throw new ConfigError([{ file: path, line: 1, column: 1, field: '', message }], { cause: error })
  }
}

function locate(findings: readonly Finding[], places: Places, file: string): readonly Problem[] {
  return findings
    .map(({ path, message }) => ({ file, ...places.positionOf(path), field: fieldName(path), message }))
    .sort((one, other) => one.line - other.line || one.column - other.column)
}

/** What is said of a setting whose own form is wrong already would only repeat it. */
function withoutEchoes(findings: readonly Finding[], structural: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ path }) => !structural.some((found) => isWithin(path, found.path)))
}

function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.every((step, index) => path[index] === step)
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
