import { z } from 'zod'

import type {
  ConfigurationView,
  ReloadResult,
  RouteExplanation,
  RouteStepView,
  SettingView,
} from './configuration-views.ts'
import { named } from './schemas.ts'
import type { SignatureAdvice, SignatureDiagnosis } from './signature-views.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])

const setting = named<SettingView>()('Setting', {
  path: z.string().meta({ description: 'Entries of lists by their id.' }),
  value: z
    .union([scalar, z.array(scalar), z.null()])
    .meta({ description: 'As the file would write it; `(secret)` for a secret.' }),
  origin: z.enum(['file', 'default', 'trial']),
  line: z.int().nullable(),
  inherited_from: z.string().meta({ description: 'The setting that it takes its value from; may be empty.' }),
  is_secret: z.boolean(),
  is_set: z.boolean(),
  secret_from: z.array(z.string()).meta({ description: 'Such as `env VOBIZ_AUTH_TOKEN`.' }),
  needs_restart: z.boolean().meta({ description: 'A change takes effect after a restart only.' }),
  waits_for_restart: z
    .boolean()
    .meta({ description: 'The file says something else by now; the value is the one in force.' }),
  meaning: z.string(),
})

export const configurationView = named<ConfigurationView>()('Configuration', {
  source: z.string(),
  loaded_at: z.int().meta({ description: 'Milliseconds since the epoch.' }),
  problem: z.string(),
  rows: z.array(setting),
})

export const reloadResult = named<ReloadResult>()('ReloadResult', {
  dry_run: z.boolean(),
  changes: z.array(z.object({ field: z.string(), text: z.string(), needs_restart: z.boolean() })),
  warnings: z.array(z.string()),
})

const step = named<RouteStepView>()('RouteStep', {
  scope: z.enum(['call', 'application', 'trunk', 'account', 'path']),
  route: z.string(),
  is_chosen: z.boolean(),
  why: z.string(),
})

export const routeExplanation = named<RouteExplanation>()('RouteExplanation', {
  path: z.string(),
  method: z.enum(['GET', 'POST']),
  facts: z.object({
    event: z.string(),
    call_id: z.string(),
    account: z.string(),
    application: z.string(),
    trunk: z.string(),
  }),
  steps: z.array(step),
  route: z.string().nullable(),
  effects: z.array(z.string()),
  remarks: z.array(z.string()),
})

const advice = named<SignatureAdvice>()('SignatureAdvice', {
  code: z.string(),
  text: z.string(),
  remedy: z.string().meta({ description: 'What to change; empty where nothing is to be done.' }),
})

export const signatureDiagnosis = named<SignatureDiagnosis>()('SignatureDiagnosis', {
  callback: z.string().nullable(),
  route: z.string(),
  reason: z.string(),
  examined_at: z.int().nullable(),
  tried: z.int().meta({ description: 'How many ways of signing were tried.' }),
  advice: z.array(advice),
})
