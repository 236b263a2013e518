import { alertHandlingEndpoints } from './alert-handling.ts'
import { callbackEndpoints } from './callbacks.ts'
import { callEndpoints } from './calls.ts'
import type { Endpoint } from './endpoint.ts'
import type { Gate } from './gate.ts'
import { incidentEndpoints } from './incidents.ts'
import { monitoringEndpoints } from './monitoring.ts'
import { withOpenApi } from './openapi.ts'
import { operationEndpoints } from './operations.ts'
import type { AdminParts } from './parts.ts'
import { rescueEndpoints } from './rescue.ts'
import { replayEndpoints } from './replays.ts'
import { routeEndpoints } from './routes.ts'
import { signInEndpoints } from './sign-in.ts'
import { streamEndpoints } from './stream.ts'
import { trialEndpoints } from './trial.ts'

/** Everything that the admin port answers to, and the document that describes it. */
export function adminEndpoints(
  parts: AdminParts,
  options: { readonly hasPublicMetrics: boolean; readonly version: string; readonly gate: Gate },
): readonly Endpoint[] {
  const endpoints = [
    ...callbackEndpoints(parts),
    ...callEndpoints(parts),
    ...routeEndpoints(parts),
    ...incidentEndpoints(parts),
    ...alertHandlingEndpoints(parts),
    ...operationEndpoints(parts),
    ...rescueEndpoints(parts),
    ...replayEndpoints(parts),
    ...trialEndpoints(parts),
    ...streamEndpoints(parts),
    ...signInEndpoints(options.gate),
    ...monitoringEndpoints(parts, options.hasPublicMetrics),
  ]
  return withOpenApi(endpoints, options.version)
}
