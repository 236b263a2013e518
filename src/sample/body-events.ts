import { randomUUID } from 'node:crypto'

import type { SampleOf } from './body.ts'
import type { Sample } from './body.ts'

/** A trunk's webhook (https://vobiz.ai/docs/trunks/webhook). Its names of events are its own two. */
export function trunkSample({ event, callId, account, trunk = 'trunk-1' }: SampleOf): Sample {
  const isStart = event === 'call.initiated' || event === 'CallInitiated' || event === 'Ring'
  return json({
    Event: isStart ? 'CallInitiated' : 'Hangup',
    CallUUID: callId,
    RequestID: randomUUID(),
    From: '+14155551234',
    To: '+14155555678',
    Direction: 'inbound',
    Status: isStart ? 'initiated' : 'completed',
    ...(isStart ? { auth_id: account } : { AccountId: account, Duration: 125, HangupCauseCode: 4000 }),
    TrunkID: trunk,
  })
}

/** A WhatsApp event (https://vobiz.ai/docs/whatsapp/webhooks). */
export function whatsappSample({ event, account }: SampleOf): Sample {
  const known = event.startsWith('message.') || event.startsWith('call.connect')
  return json({
    event_id: randomUUID(),
    event_type: known ? event : 'message.status',
    account_id: account,
    occurred_at: new Date().toISOString(),
    payload: { status: 'delivered' },
  })
}

/** A KYC session (https://github.com/vobiz-ai/Agent-Skills, sub-accounts). */
export function kycSample({ event, callId }: SampleOf): Sample {
  return json({ event: event.startsWith('kyc.') ? event : 'kyc.completed', session_id: callId })
}

/** Complaints (https://vobiz.ai/docs/account/ndnc-webhook). */
export function ndncSample({ account, callId }: SampleOf): Sample {
  return json({
    accountName: 'Example',
    totalComplaints: 1,
    complaints: [{ urn: callId, complaintDate: '2026-01-31', accountId: account }],
  })
}

function json(fields: Sample['fields']): Sample {
  return { contentType: 'application/json', fields }
}
