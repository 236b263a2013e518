import type { Check } from './check.ts'

/** Settings that come to nothing: silence would pass for a promise. */
export function checkInactive({ config, warning }: Check): void {
  if (config.accounts.length + config.routes.length === 0) {
    warning([], 'no account and no route is configured, so every callback is answered 404')
  }
}
