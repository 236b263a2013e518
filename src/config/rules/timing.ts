import type { FieldPath } from '../problem.ts'
import { formatDuration } from '../units.ts'
import type { Check } from './check.ts'
import { policies } from './policies.ts'

/** Time that must be left for a handler to answer. */
const LEAST_FOR_HANDLER_MS = 500
/** A timestamped signature is valid from 5 minutes before to 5 minutes after now. */
const SIGNATURE_LIFE_MS = 600_000

export function checkTiming(check: Check): void {
  const { config, warning } = check
  checkDeadlines(check)
  checkReplies(check)
  for (const [index, wait] of config.rescue.schedule.entries()) {
    const before = config.rescue.schedule[index - 1] ?? 0
    if (wait < before) {
      warning(['rescue', 'schedule', index], 'is shorter than the wait before it; waits usually grow')
    }
  }
  const total = config.rescue.schedule.reduce((sum, wait) => sum + wait, 0)
  if (total > config.ledger.keep) {
    warning(
      ['ledger', 'keep'],
      `is shorter than all waits of rescue.schedule together (${formatDuration(total)}); keep callbacks longer`,
    )
  }
  if (config.replay_window < SIGNATURE_LIFE_MS) {
    warning(
      ['replay_window'],
      'is shorter than a signature is valid (10m), so a recorded request could be sent again',
    )
  }
}

function checkDeadlines({ config, problem }: Check): void {
  const { margin } = config.defaults
  const check = (path: FieldPath, deadline: number | undefined): void => {
    if (deadline === undefined || deadline - margin >= LEAST_FOR_HANDLER_MS) return
    problem(
      path,
      `leaves handlers less than ${LEAST_FOR_HANDLER_MS}ms after the margin of ${formatDuration(margin)}; make it at least ${formatDuration(margin + LEAST_FOR_HANDLER_MS)}`,
    )
  }
  check(['defaults', 'deadline'], config.defaults.deadline)
  for (const { path, entry } of policies(config)) check([...path, 'deadline'], entry.deadline)
}

function checkReplies({ config, problem, warning }: Check): void {
  for (const [index, route] of config.routes.entries()) {
    if (route.kind !== 'xml') continue
    const at = ['routes', index]
    if (route.reply === 'ack')
      problem(
        [...at, 'reply'],
        'ack answers before the handler does, but a call waits for its xml; use handler',
      )
    if (route.on_failure === 'rescue') {
      warning(
        [...at, 'on_failure'],
        'has no effect on kind: xml, because a call cannot wait; set static_reply instead',
      )
    }
  }
  for (const { path, entry } of policies(config)) {
    if (entry.reply === 'ack' && entry.on_failure === 'relay') {
      problem(
        [...path, 'on_failure'],
        'relay cannot be with reply: ack, which has answered before; use rescue',
      )
    }
  }
}
