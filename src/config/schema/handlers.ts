import { z } from 'zod'

import {
  basicAuth,
  dialectList,
  duration,
  eventList,
  headerMap,
  httpUrl,
  id,
  method,
  responseContract,
  secrets,
  signature,
} from './terms.ts'

/** Policy that accounts, applications, trunks and routes share; the most specific one that is set counts. */
const policy = {
  deadline: duration(
    'How long the provider waits for an answer; Ringback answers before `deadline - margin`.',
    ['1s', '60s'],
  ).optional(),
  on_failure: z.enum(['relay', 'rescue']).optional().meta({
    description:
      'When every target failed: `relay` tells the provider, `rescue` answers 200 and delivers later. xml callbacks are always relayed or answered by `static_reply`.',
  }),
  reply: z.enum(['handler', 'ack']).optional().meta({
    description:
      '`ack` answers 200 as soon as the callback is on disk and delivers afterwards, for slow handlers.',
  }),
  signature: signature.optional().meta({
    description:
      '`enforce` refuses what is not signed properly, `warn` lets it in and says so, `off` does not look.',
  }),
  dialects: dialectList.optional().meta({
    description:
      'Ways of signing that are accepted here, and no others. By default those that the keys are for: `webhook_secret` timestamp, `auth_token` v3 and v2, `parent_auth_token` ma-v3 and ma-v2, `signing_secret` of a trunk trunk.',
  }),
  resign: z.boolean().optional().meta({
    description:
      'A callback that came in with a valid V2, V3 or MA signature is signed afresh, with the same keys, for the URL of the handler: a signature holds only for the URL that was dialled. `false` passes the signature on as it came. Default `true`.',
  }),
  preserve_host: z.boolean().optional().meta({
    description:
      'The handler gets the host that Vobiz dialled in `Host`, instead of its own. Default `false`.',
  }),
  response_contract: responseContract.optional().meta({
    description:
      'Check answers that Vobiz executes: `observe` records a broken one, `protect` sends the fallback or the static reply instead. Default `off`.',
  }),
  consecutive_failures: z.int().min(1).max(1000).optional().meta({
    description: 'Failures in a row that fire the alert here; overrides `alerts.consecutive_failures`.',
  }),
  static_reply: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'XML document sent when every target failed on an xml callback.' }),
}

/** What an entry takes from its account, and an account from the defaults, when it does not say it itself. */
export const inheritedKeys: readonly string[] = [...Object.keys(policy), 'rewrite_xml']

const fallback = httpUrl.optional().meta({ description: 'Handler that is tried when the first one failed.' })
const handlerMethod = method
  .optional()
  .meta({ description: 'Method towards the handler; by default that of the callback.' })
const events = eventList.default([]).meta({ description: 'Events that are forwarded; empty means all.' })
const headers = headerMap.prefault({}).meta({
  description:
    'Headers added for the handler; none that Ringback writes itself, such as `Host`, `Content-Length` or `X-Forwarded-For`.',
})

const rewriteXml = z.boolean().optional().meta({
  description:
    'Capture the callback URLs inside XML answers, so that they come through Ringback too; see docs/capture.md. A route or application that does not say asks its account; by default no.',
})

const application = z.strictObject({
  id: id.meta({ description: 'Id of the application at Vobiz; also the id of its route.' }),
  name: z.string().optional().meta({ description: 'Name for people.' }),
  callback_url: httpUrl.meta({
    description: 'Handler of this application. May carry `user:password@` and `#ct=…&rt=…`.',
  }),
  callback_method: handlerMethod,
  fallback_callback_url: fallback,
  callback_events: events,
  callback_headers: headers,
  rewrite_xml: rewriteXml,
  ...policy,
})

const trunk = z.strictObject({
  id: id.meta({ description: 'Id of the trunk at Vobiz; also the id of its route.' }),
  status_callback: httpUrl.meta({ description: 'Handler of this trunk.' }),
  status_callback_method: handlerMethod,
  fallback_status_callback: fallback,
  status_callback_events: events,
  signing_secret: secrets('key').optional().meta({
    description:
      'Secret that the trunk signs its webhook with (dialect trunk). With it, only that dialect opens the URL of the trunk.',
  }),
  ...policy,
})

export const account = z.strictObject({
  id: id.meta({ description: 'Account id at Vobiz (`MA_…` or `SA_…`); also the id of its default route.' }),
  webhook_secret: secrets('key')
    .optional()
    .meta({ description: 'Secret of the dialect with timestamp and body (`x-vobiz-signature`).' }),
  auth_token: secrets('key')
    .optional()
    .meta({ description: 'Account auth token: key of the dialects V2 and V3.' }),
  parent_auth_token: secrets('key')
    .optional()
    .meta({ description: 'Auth token of the parent account: key of the MA dialects.' }),
  basic_auth: basicAuth.optional().meta({
    description: 'Users that may call the URLs of this account (HTTP Basic), besides the signature.',
  }),
  default_callback_url: httpUrl
    .optional()
    .meta({ description: 'Handler of what no application, trunk or call claims.' }),
  default_callback_method: handlerMethod,
  default_fallback_callback_url: fallback,
  rewrite_xml: rewriteXml,
  applications: z
    .array(application)
    .prefault([])
    .meta({ description: 'Applications, by their id at Vobiz.' }),
  trunks: z.array(trunk).prefault([]).meta({ description: 'Trunks, by their id at Vobiz.' }),
  ...policy,
  signature: signature.default('enforce').meta({ description: 'Default for every route of the account.' }),
})

export const route = z.strictObject({
  id: id.meta({ description: 'Stable id: metric label, name in alerts and lists.' }),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, 'must start with / and hold only letters, digits and . _ ~ - /')
    .meta({
      description:
        'Path prefix on the public port, in whole segments: `/ivr/` takes what is below it, `/ivr` also itself, neither takes `/ivrx`. The longest prefix wins.',
    }),
  target: httpUrl.meta({
    description: 'Handler; the rest of the path and the query are appended as they came.',
  }),
  fallback_target: fallback,
  account: id.optional().meta({ description: 'Account whose keys verify callbacks on this route.' }),
  kind: z.enum(['auto', 'notify', 'xml']).default('auto').meta({
    description:
      '`auto` decides per request from the event; `notify`: only the status matters; `xml`: the reply body drives the call.',
  }),
  method: handlerMethod,
  events,
  headers,
  basic_auth: basicAuth
    .optional()
    .meta({ description: 'Users that may call this route (HTTP Basic), besides or instead of a signature.' }),
  rewrite_xml: rewriteXml,
  signing_secret: secrets('key').optional().meta({
    description: 'Secret of the dialects trunk, ndnc and whatsapp; `dialects` says which of them.',
  }),
  ...policy,
})
