import type { Finding } from './issues.ts'
import type { FieldPath } from './problem.ts'
import type { Config, FileConfig } from './schema.ts'
import { Secret, type SecretForm, SecretRef } from './secret.ts'
import { storeFault } from './store.ts'

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Throws when the file cannot be read. */
  readonly readFile: (path: string) => FileText
}

export interface FileText {
  readonly text: string
  /** Permission bits. */
  readonly mode: number
}

export interface SecretsRead {
  readonly config: Config
  readonly problems: readonly Finding[]
  readonly warnings: readonly Finding[]
}

const MIN_KEY_LENGTH = 16
/** Where container engines mount secrets, readable by all inside the container. */
const MOUNTED = '/run/secrets/'

/** Puts a Secret in the place of every reference. One that cannot be read becomes a problem and an empty Secret. */
export function readSecrets(file: FileConfig, sources: SecretSources): SecretsRead {
  const problems: Finding[] = []
  const warnings: Finding[] = []
  const walk = (value: unknown, path: FieldPath): unknown => {
    if (value instanceof SecretRef) {
      const source = `${value.from} ${value.name}`
      const read = readRef(value, sources)
      if (read.warning !== undefined) warnings.push({ path, message: read.warning })
      const problem = read.problem ?? formFault(read.text, value.form)
      if (problem !== undefined) problems.push({ path, message: `${source} ${problem}` })
      return new Secret(problem === undefined ? read.text : '', source)
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  // Safe: walk keeps the shape and changes references only, which is what Config says of FileConfig.
  return { config: walk(file, []) as Config, problems, warnings }
}

interface RefRead {
  readonly text: string
  readonly problem?: string
  readonly warning?: string
}

function readRef(ref: SecretRef, sources: SecretSources): RefRead {
  if (ref.from === 'env') {
    const text = Object.hasOwn(sources.env, ref.name) ? sources.env[ref.name] : undefined
    if (text === undefined) return { text: '', problem: 'is not set; set it in the environment of Ringback' }
    return { text }
  }
  try {
    const { text, mode } = sources.readFile(ref.name)
    const isOpen = (mode & 0o004) !== 0 && !ref.name.startsWith(MOUNTED)
    return {
      text: text.replace(/\r?\n$/, ''),
      ...(isOpen && {
        warning: `file ${ref.name} can be read by every user of this machine; chmod 600 ${ref.name}`,
      }),
    }
  } catch (error) {
    return { text: '', problem: `cannot be read (${reasonOf(error)})` }
  }
}

/** The code of a system error, such as ENOENT; nothing of its text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unreadable'
}

function formFault(text: string, form: SecretForm): string | undefined {
  if (text === '') return 'is empty'
  if (text !== text.trim()) return 'begins or ends with a blank or a line break'
  switch (form) {
    case 'key':
      return text.length < MIN_KEY_LENGTH
        ? `is too short: a key has at least ${MIN_KEY_LENGTH} characters`
        : undefined
    case 'text':
      return undefined
    case 'header':
      return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? undefined : 'holds a character that no header may hold'
    case 'http_url':
      return hasScheme(text, ['https:', 'http:']) ? undefined : 'must be an https URL'
    case 'smtp_url':
      return hasScheme(text, ['smtp:', 'smtps:'])
        ? undefined
        : 'must be a URL such as smtp://user:password@host:587'
    case 'store_url':
      return storeFault(text)
  }
}

function hasScheme(text: string, schemes: readonly string[]): boolean {
  const url = URL.parse(text)
  return url !== null && url.hostname !== '' && schemes.includes(url.protocol)
}
