import { AlertEngine } from '../../src/alerts/engine.ts'
import * as original from '../../src/record.ts'

/** A recorder that tells the alert engine nothing. */
export function createRecorder(parts: original.RecorderParts): original.Recorder {
  const listeners = parts.listeners.filter((listener) => !(listener instanceof AlertEngine))
  if (listeners.length === parts.listeners.length)
    throw new TypeError('bench/without: no alert engine listens')
  return original.createRecorder({ ...parts, listeners })
}
