import { runCli, type RunOptions, type ServeOptions } from '../../src/cli/program.ts'

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly served: readonly ServeOptions[]
}

/** Runs a command line inside this process, with an environment of its own. */
export async function cli(argv: readonly string[], more: Partial<RunOptions> = {}): Promise<CliRun> {
  let stdout = ''
  let stderr = ''
  const served: ServeOptions[] = []
  const code = await runCli({
    argv,
    env: {},
    version: '9.9.9',
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    serve: (options) => {
      served.push(options)
      return Promise.resolve(0)
    },
    ...more,
  })
  return { code, stdout, stderr, served }
}
