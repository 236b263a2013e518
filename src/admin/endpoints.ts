import { alertHandlingEndpoints } from './resources/alert-handling.ts'
import { auditEndpoints } from './resources/audit.ts'
import { callbackEndpoints } from './resources/callbacks.ts'
import { callEndpoints } from './resources/calls.ts'
import { configurationEndpoints } from './resources/configuration.ts'
import { drillEndpoints } from './resources/drills.ts'
import type { Endpoint } from './endpoint.ts'
import type { AdminAccess, Gate } from './access/gate.ts'
import { incidentEndpoints } from './resources/incidents.ts'
import { monitoringEndpoints } from './resources/monitoring.ts'
import { withOpenApi } from './openapi.ts'
import { operationEndpoints } from './resources/operations.ts'
import type { AdminParts } from './parts.ts'
import { reconciliationEndpoints } from './resources/reconciliation.ts'
import { rescueEndpoints } from './resources/rescue.ts'
import { replayEndpoints } from './resources/replays.ts'
import { routeEndpoints } from './resources/routes.ts'
import { signInEndpoints } from './access/sign-in.ts'
import { signatureEndpoints } from './resources/signatures.ts'
import { streamEndpoints } from './resources/live/stream.ts'
import { trialEndpoints } from './resources/trial.ts'

/** Everything that the admin port answers to, and the document that describes it. */
export function adminEndpoints(
  parts: AdminParts,
  options: { readonly access: () => AdminAccess; readonly version: string; readonly gate: Gate },
): readonly Endpoint[] {
  const endpoints = [
    ...callbackEndpoints(parts),
    ...callEndpoints(parts),
    ...routeEndpoints(parts),
    ...incidentEndpoints(parts),
    ...alertHandlingEndpoints(parts),
    ...drillEndpoints(parts),
    ...operationEndpoints(parts),
    ...configurationEndpoints(parts),
    ...signatureEndpoints(parts),
    ...auditEndpoints(parts),
    ...rescueEndpoints(parts),
    ...replayEndpoints(parts),
    ...reconciliationEndpoints(parts),
    ...trialEndpoints(parts),
    ...streamEndpoints(parts),
    ...signInEndpoints(options.gate),
    ...monitoringEndpoints(parts, () => options.access().hasPublicMetrics),
  ]
  return withOpenApi(endpoints, options.version)
}
