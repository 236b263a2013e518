import type { NewNotification } from '../../ledger/alert-store.ts'
import type { Message } from '../../notify/notifier.ts'

/** A message in the form in which it waits in the store. */
export function notificationOf(message: Message): NewNotification {
  return {
    id: message.id,
    incident_id: message.incidentId,
    kind: message.kind,
    message: JSON.stringify(message),
  }
}
