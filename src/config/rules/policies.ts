import type { FieldPath } from '../problem.ts'
import type { Config } from '../schema.ts'

interface Policy {
  readonly deadline?: number | undefined
  readonly reply?: string | undefined
  readonly on_failure?: string | undefined
  readonly static_reply?: string | undefined
}

/** Every entry that may set a policy of its own. */
export function policies(config: Config): readonly { readonly path: FieldPath; readonly entry: Policy }[] {
  return [
    ...config.accounts.flatMap((account, index) => [
      { path: ['accounts', index], entry: account },
      ...(['applications', 'trunks'] as const).flatMap((key) =>
        account[key].map((entry, place) => ({ path: ['accounts', index, key, place], entry })),
      ),
    ]),
    ...config.routes.map((entry, index) => ({ path: ['routes', index], entry })),
  ]
}
