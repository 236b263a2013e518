import { isLoopbackHost } from './address-ranges.ts'
import type { Check } from './check.ts'
import { hostOf } from './ports.ts'
import { checkApiBase } from './reconciliation.ts'

const hostForm = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/

/** Can URLs be captured, and will their callbacks find the way here? */
export function checkCapture(check: Check): void {
  const { config, problem, isBroken } = check
  if (config.capture !== undefined) checkFront(config.capture, check)
  const isRewriting =
    config.accounts.some((each) => each.rewrite_xml === true) ||
    config.routes.some((each) => each.rewrite_xml === true)
  if (config.public_url === undefined && (config.capture !== undefined || isRewriting)) {
    problem(
      ['public_url'],
      'is missing; captured URLs begin with it, so write the https URL that Vobiz dials',
    )
  }
  for (const [index, route] of config.routes.entries()) {
    const hasAccount = route.account !== undefined || isBroken(['routes', index, 'account'])
    if (route.rewrite_xml === true && !hasAccount) {
      problem(
        ['routes', index, 'rewrite_xml'],
        'needs an account: captured callbacks are checked with its keys; add account to this route',
      )
    }
  }
}

function checkFront(capture: NonNullable<Check['config']['capture']>, check: Check): void {
  const { problem, warning } = check
  if (capture.target_hosts.length === 0) {
    warning(['capture', 'target_hosts'], 'is empty, so no URL is captured; list the hosts of your handlers')
  }
  for (const [index, host] of capture.target_hosts.entries()) {
    if (!hostForm.test(host)) {
      problem(
        ['capture', 'target_hosts', index],
        'must be a host such as api.example.com, or a host and a port',
      )
    }
  }
  if (!isLoopbackHost(hostOf(capture.listen))) {
    warning(
      ['capture', 'listen'],
      'is open beyond this machine: API credentials cross the network in clear text, and nobody is asked who they are',
    )
  }
  checkApiBase(capture.api_base, ['capture', 'api_base'], check)
}
