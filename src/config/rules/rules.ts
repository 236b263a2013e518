import type { Finding } from '../issues.ts'
import type { Config } from '../schema.ts'
import type { Check } from './check.ts'
import { checkCapture } from './capture.ts'
import { checkDialects } from './dialects.ts'
import { checkIds } from './ids.ts'
import { checkInactive } from './inactive.ts'
import { checkNotify } from './notify.ts'
import { checkPaths } from './paths.ts'
import { checkPorts } from './ports.ts'
import { checkReconciliation } from './reconciliation.ts'
import { checkSignatures } from './signatures.ts'
import { checkStaticReplies } from './static-replies.ts'
import { checkTargets } from './targets.ts'
import { checkTiming } from './timing.ts'

/** What one key must be beside another; what a key must be by itself is in the schema. */
const rules = [
  checkPorts,
  checkIds,
  checkPaths,
  checkTargets,
  checkSignatures,
  checkDialects,
  checkTiming,
  checkStaticReplies,
  checkNotify,
  checkCapture,
  checkReconciliation,
  checkInactive,
]

export function checkRules(
  config: Config,
  tools: Omit<Check, 'config' | 'problem' | 'warning'>,
): { readonly problems: readonly Finding[]; readonly warnings: readonly Finding[] } {
  const problems: Finding[] = []
  const warnings: Finding[] = []
  const check: Check = {
    ...tools,
    config,
    problem: (path, message) => problems.push({ path, message }),
    warning: (path, message) => warnings.push({ path, message }),
  }
  for (const rule of rules) rule(check)
  return { problems, warnings }
}
