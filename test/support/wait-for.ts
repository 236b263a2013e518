/** Waits until a fact holds; fails with what was seen last when it does not within the limit. */
export async function waitFor<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  limitMs = 15_000,
): Promise<Value> {
  const endsAt = performance.now() + limitMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (performance.now() > endsAt) throw new Error(`within ${limitMs} ms there was no ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
