import { RingbackError } from '../errors.ts'
import { readSource } from './source.ts'

/**
 * The text of a configuration file with some settings changed, to try out what they would do.
 *
 * @param changes each `key.of.the.file=value`, the value as it would stand in the file
 * @throws RingbackError `usage` for one that is not of this form
 */
export function withSettings(text: string, changes: readonly string[]): string {
  const { value } = readSource(text)
  const file = isMapping(value) ? value : {}
  for (const change of changes) {
    const [, key = '', setting = ''] = /^([\w.-]+)=(.+)$/s.exec(change) ?? []
    if (key === '') {
      throw new RingbackError('usage', `--set: write KEY=VALUE, such as alerts.consecutive_failures=5.`)
    }
    put(file, key.split('.'), readSource(setting).value)
  }
  return JSON.stringify(file) // JSON is YAML
}

function put(file: Record<string, unknown>, [key = '', ...rest]: readonly string[], setting: unknown): void {
  if (rest.length === 0) {
    file[key] = setting
    return
  }
  const inner = file[key]
  const mapping = isMapping(inner) ? inner : {}
  file[key] = mapping
  put(mapping, rest, setting)
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
