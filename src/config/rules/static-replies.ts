import { judgeXml } from '../../contract/judge-xml.ts'
import type { FieldPath } from '../problem.ts'
import type { Check } from './check.ts'
import { policies } from './policies.ts'

/**
 * Can the caller be played what stands in for an answer? It is sent when nothing else is left, so it is judged here: no
 * response contract looks at it, and nothing makes its URLs whole.
 */
export function checkStaticReplies(check: Check): void {
  const { config } = check
  checkDocument(['defaults', 'static_reply'], config.defaults.static_reply, check)
  for (const { path, entry } of policies(config)) {
    checkDocument([...path, 'static_reply'], entry.static_reply, check)
  }
}

function checkDocument(path: FieldPath, document: string | undefined, { problem, warning }: Check): void {
  if (document === undefined) return
  const found = judgeXml(Buffer.from(document), { isSound: false, mayBeRelative: false })
  if (found === undefined) return
  // Vobiz may have learnt a verb since; what is no XML it will never take.
  const isHopeless = found.fault === 'not_well_formed' || found.fault === 'root'
  if (isHopeless) problem(path, `${found.error}; write it as <Response><Speak>…</Speak></Response>`)
  else warning(path, found.error)
}
