/**
 * A part with some of its methods replaced; the others are called on the part itself.
 *
 * @throws TypeError when the part has no method of that name: the bench would compare like with like
 */
export function silenced<Part extends object>(part: Part, instead: Partial<Part>): Part {
  const copy: Record<string, unknown> = {}
  for (let level: object | null = part; level !== null && level !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const value = (part as Record<string, unknown>)[name]
      if (!(name in copy)) copy[name] = typeof value === 'function' ? value.bind(part) : value
    }
    level = Object.getPrototypeOf(level) as object | null
  }
  for (const name of Object.keys(instead)) {
    if (typeof copy[name] !== 'function')
      throw new TypeError(`bench/without: there is no method ${name} to leave out any more`)
  }
  return Object.assign(copy, instead) as Part
}
