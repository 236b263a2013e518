import type { Config } from './schema.ts'
import { Secret } from './secret.ts'

/** Where the ledger is kept. */
export type StoreLocation =
  { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'postgres'; readonly url: Secret }

/** The setting `store`, taken apart; the form was checked when the file was loaded. */
export function storeLocation(store: Config['store']): StoreLocation {
  const text = store instanceof Secret ? store.reveal() : store
  if (text.startsWith('sqlite:')) return { kind: 'sqlite', path: text.slice('sqlite:'.length) }
  return { kind: 'postgres', url: store instanceof Secret ? store : new Secret(text, 'store') }
}

/** What is wrong with a value of `store`; undefined when nothing is. Repeats nothing of it. */
export function storeFault(text: string): string | undefined {
  if (text.startsWith('sqlite:')) {
    return text.length > 'sqlite:'.length && !text.includes('\0')
      ? undefined
      : 'needs a path, such as sqlite:data/ringback.db'
  }
  const url = URL.parse(text)
  const isPostgres = url !== null && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')
  return isPostgres ? undefined : 'must be sqlite:PATH or postgres://user:password@host/database'
}
