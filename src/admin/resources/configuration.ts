import { z } from 'zod'

import { type ExplainRequest, type ReloadRequest } from '../configuration-views.ts'
import { configurationView, reloadResult, routeExplanation } from '../configuration-schemas.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'

const tag = 'Configuration'
const MOST_BODY = 64 * 1024

const reload = z
  .strictObject({
    dry_run: z.boolean().default(false).meta({ description: 'Only say what would change.' }),
    reason: z.string().max(500).optional().meta({ description: 'For the audit log.' }),
  })
  .meta({ id: 'ReloadRequest' }) satisfies z.ZodType<unknown, ReloadRequest>

const explain = z
  .strictObject({
    callback: z.string().max(64).optional().meta({ description: 'Id of a callback of the ledger.' }),
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: 'Path or URL that the provider would dial, with or without query.' }),
    method: z.enum(['GET', 'POST']).default('POST'),
    body: z
      .string()
      .max(MOST_BODY)
      .default('')
      .meta({ description: 'JSON or a form, as the provider would send it.' }),
  })
  .refine(({ callback, path }) => (callback === undefined) !== (path === undefined), 'say callback or path')
  .meta({ id: 'ExplainRequest' }) satisfies z.ZodType<unknown, ExplainRequest>

/** What is configured, what a change of the file would do, and where a callback would go. */
export function configurationEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/configuration',
      role: 'read',
      tag,
      summary: 'Show every setting in force, with where it came from; secrets are not shown',
      answer: { status: 200, description: 'The settings.', schema: configurationView },
      handle: () => json(parts.configuration()),
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/reload',
      role: 'admin',
      tag,
      summary: 'Read the configuration again; a bad file keeps the old one',
      body: reload.prefault({}),
      answer: { status: 200, description: 'What changed, or would.', schema: reloadResult },
      async handle({ body }) {
        return json(await parts.reload(body.dry_run))
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/explain-route',
      role: 'read',
      isQuestion: true,
      tag,
      summary: 'Say which route a callback goes to, and why no more specific one',
      body: explain,
      answer: { status: 200, description: 'The way, step by step.', schema: routeExplanation },
      async handle({ body }) {
        return json(await parts.explainRoute(body))
      },
    }),
  ]
}
