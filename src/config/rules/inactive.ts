import type { Check } from './check.ts'

const notYet = 'is read and checked, but this version does not act on it'

/** Settings that are in the contract before their part is: silence would pass for a promise. */
export function checkInactive({ config, warning }: Check): void {
  if (config.capture !== undefined) warning(['capture'], notYet)
  for (const [index, route] of config.routes.entries()) {
    if (route.rewrite_xml) warning(['routes', index, 'rewrite_xml'], notYet)
    if (route.response_contract !== 'off') warning(['routes', index, 'response_contract'], notYet)
  }
  if (config.accounts.length + config.routes.length === 0) {
    warning([], 'no account and no route is configured, so every callback is answered 404')
  }
}
