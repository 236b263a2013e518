import { z } from 'zod'

import type { SignatureDoctorRequest } from '../api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { signatureDiagnosis } from '../configuration-schemas.ts'

const request = z
  .strictObject({
    callback: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Id of a callback that was refused, or let in with a warning.' }),
    raw: z.string().min(1).max(60_000).optional().meta({
      description: 'An HTTP request as text: request line, headers, an empty line, the body.',
    }),
    received_at: z.int().min(0).optional().meta({
      description: 'When a pasted request came, milliseconds; without it its age is not judged.',
    }),
  })
  .refine(({ callback, raw }) => (callback === undefined) !== (raw === undefined), 'say callback or raw')
  .meta({ id: 'SignatureDoctorRequest' }) satisfies z.ZodType<unknown, SignatureDoctorRequest>

/** Why a signature did not verify. */
export function signatureEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/signature-doctor',
      role: 'read',
      isQuestion: true,
      tag: 'Configuration',
      summary: 'Say what would have verified where a signature did not, and what to change',
      body: request,
      answer: { status: 200, description: 'What was found.', schema: signatureDiagnosis },
      async handle({ body }) {
        return json(await parts.diagnoseSignature(body))
      },
    }),
  ]
}
