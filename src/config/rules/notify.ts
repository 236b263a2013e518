import type { FieldPath } from '../problem.ts'
import type { Secret } from '../secret.ts'
import { isAllowed, isPrivateHost, rangeToAllow } from './address-ranges.ts'
import type { Check } from './check.ts'

/** Will people be told? */
export function checkNotify(check: Check): void {
  const { slack, email, fallback, daily_summary: summary } = check.config.notify
  if (slack === undefined && email === undefined) {
    check.warning(['notify'], 'has no channel, so nobody is told when callbacks break; add slack or email')
  }
  if (slack !== undefined) checkSlackUrl(slack.webhook_url, ['notify', 'slack', 'webhook_url'], check)
  if (email?.ca_file !== undefined) checkReadable(email.ca_file, ['notify', 'email', 'ca_file'], check)
  if (fallback !== undefined) checkFallback(fallback.channel, check)
  if (summary === undefined) return
  if (email === undefined) {
    check.problem(['notify', 'daily_summary'], 'is a mail; set notify.email')
  }
  if (!isTimeZone(summary.timezone)) {
    check.problem(
      ['notify', 'daily_summary', 'timezone'],
      'is not a time zone; write one such as Asia/Kolkata or UTC',
    )
  }
}

function checkSlackUrl(secret: Secret, path: FieldPath, { config, problem }: Check): void {
  const url = URL.parse(secret.reveal())
  if (url === null) return
  const isPrivate = isPrivateHost(url.hostname)
  if (url.protocol === 'http:' && !isPrivate) problem(path, `${secret.source} must be an https URL`)
  if (isPrivate && !isAllowed(url.hostname, config.allow_targets)) {
    problem(
      path,
      `${secret.source} points at a private address; to allow it write allow_targets: [${rangeToAllow(url.hostname)}]`,
    )
  }
}

function checkFallback(channel: 'slack' | 'email', { config, problem }: Check): void {
  const other = channel === 'slack' ? 'email' : 'slack'
  const path = ['notify', 'fallback', 'channel']
  if (config.notify[channel] === undefined) {
    problem(path, `${channel} is not configured; add notify.${channel}`)
  } else if (config.notify[other] === undefined) {
    problem(
      path,
      `stands in for ${other}, which is not configured; add notify.${other} or take fallback away`,
    )
  }
}

function checkReadable(file: string, path: FieldPath, { problem, readFile }: Check): void {
  try {
    if (!readFile(file).text.includes('-----BEGIN ')) problem(path, 'is not a PEM file')
  } catch {
    problem(path, 'cannot be read')
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
