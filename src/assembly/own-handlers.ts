import { type AddressPolicy, createAddressPolicy } from '../forward/address.ts'

/**
 * What a drill may do that nobody else may: dial its handler on a loopback address, and call the public port from this
 * machine although `provider_addresses` names others.
 */
export class OwnHandlers {
  /** The one address of a handler of our own that may be dialled now; empty for none. */
  #address = ''
  /** Addresses of this machine that callers may have now. */
  #callers: readonly string[] = []
  #admitted: readonly [given: readonly string[], admitted: readonly string[]] = [[], []]

  admit(address: string, callers: readonly string[]): void {
    this.#address = address
    this.#callers = callers
    this.#admitted = [[], []]
  }

  dismiss(): void {
    this.admit('', [])
  }

  /** Which addresses may be dialled: those of the configuration, and our own handler while there is one. */
  addressPolicy(allowTargets: readonly string[]): AddressPolicy {
    const policy = createAddressPolicy(allowTargets)
    return {
      refusal: (address) =>
        address === this.#address && address !== '' ? undefined : policy.refusal(address),
    }
  }

  /** Which ranges may be dialled that are not public: the same in the form of a list. */
  targets(allowTargets: readonly string[]): readonly string[] {
    return this.#address === '' ? allowTargets : [...allowTargets, this.#address]
  }

  /** Where callbacks may come from; empty means anywhere. The same list until something changes. */
  providers(given: readonly string[]): readonly string[] {
    if (given.length === 0 || this.#callers.length === 0) return given
    if (this.#admitted[0] !== given) this.#admitted = [given, [...given, ...this.#callers]]
    return this.#admitted[1]
  }
}
