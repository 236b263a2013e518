import { RingbackError } from '../errors.ts'

/** Where a setting stands in the file: keys and indices from the top. */
export type FieldPath = readonly (string | number)[]

/** One thing that is wrong or doubtful in a configuration file. */
export interface Problem {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** Such as `routes[0].timeout`; empty for the file as a whole. */
  readonly field: string
  /** What is wrong and the remedy; never holds a secret. */
  readonly message: string
}

/** A configuration that cannot be used, with everything that is wrong in it at once, in the order of the file. */
export class ConfigError extends RingbackError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super('config', problems.map(formatProblem).join('\n'), options)
    this.problems = problems
  }
}

/** `ringback.yaml:7:5  routes[0].tiemout: unknown key; did you mean "timeout"?` */
export function formatProblem({ file, line, column, field, message }: Problem): string {
  return `${file}:${line}:${column}  ${field === '' ? '' : `${field}: `}${message}`
}

/** Keys and indices as people write them. */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step.slice(0, 64))}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}
