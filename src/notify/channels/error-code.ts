/**
 * The machine word of the innermost cause that has one, such as ECONNREFUSED or blocked_target; empty when there is
 * none. Unlike messages, these words never hold an address or a password.
 */
export function errorCode(error: unknown): string {
  let found = ''
  for (let at = error; at instanceof Error; at = at.cause) {
    const failure: unknown = Reflect.get(at, 'failure') // the address check says what it refused
    const word: unknown =
      typeof failure === 'object' && failure !== null
        ? Reflect.get(failure, 'outcome')
        : Reflect.get(at, 'code')
    if (typeof word === 'string' && /^[A-Za-z_]{1,40}$/.test(word)) found = word
  }
  return found
}
