import { callbackEndpoints } from './callbacks.ts'
import { callEndpoints } from './calls.ts'
import type { Endpoint } from './endpoint.ts'
import { incidentEndpoints } from './incidents.ts'
import { monitoringEndpoints } from './monitoring.ts'
import { withOpenApi } from './openapi.ts'
import { operationEndpoints } from './operations.ts'
import type { AdminParts } from './parts.ts'
import { routeEndpoints } from './routes.ts'
import { streamEndpoints } from './stream.ts'

/** Everything that the admin port answers to, and the document that describes it. */
import { trialEndpoints } from './trial.ts'
export function adminEndpoints(
  parts: AdminParts,
  options: { readonly hasPublicMetrics: boolean; readonly version: string },
): readonly Endpoint[] {
  const endpoints = [
    ...callbackEndpoints(parts),
    ...callEndpoints(parts),
    ...routeEndpoints(parts),
    ...incidentEndpoints(parts),
    ...operationEndpoints(parts),
    ...streamEndpoints(parts),
    ...monitoringEndpoints(parts, options.hasPublicMetrics),
    ...trialEndpoints(parts),
  ]
  return withOpenApi(endpoints, options.version)
}
