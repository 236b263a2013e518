/**
 * A store that lives on another thread: the same methods, each resolving with what the synchronous one returns.
 * Arguments and results are structured clones. On the writer a call runs in a transaction of its own, after every
 * row handed over before it (those of retention after none), and is durable when it resolves.
 */
export type Remote<Store> = {
  readonly [Name in keyof Store]: Store[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never
}

/** Carries one call to the thread of the store. */
export type SendCall = (method: string, args: readonly unknown[]) => Promise<unknown>

/** Builds the near side of a store from its method names. */
export function createRemote<Store extends object>(
  methods: readonly (keyof Store & string)[],
  send: SendCall,
): Remote<Store> {
  const near = methods.map((name) => [name, async (...args: readonly unknown[]) => send(name, args)])
  return Object.fromEntries(near) as Remote<Store>
}
