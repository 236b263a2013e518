import { describe, expect, it } from 'vitest'

import type { AlertStore, IncidentRow, NewNotification } from '../../src/ledger/alert-store.ts'
import { aFailure, anIncident } from '../support/alert-builders.ts'

const NOW = Date.UTC(2026, 10, 23, 15, 30, 0)

function firing(incident: IncidentRow): NewNotification {
  return { id: `${incident.id}.firing`, incident_id: incident.id, kind: 'firing', message: 'fires' }
}

function reminder(incident: IncidentRow, number: number) {
  return {
    incident_id: incident.id,
    number,
    at: NOW + number,
    notification: {
      id: `${incident.id}.reminder-${number}`,
      incident_id: incident.id,
      kind: 'reminder' as const,
      message: `still ${number}`,
    },
    channels: ['slack', 'email'],
  }
}

function close(incident: IncidentRow, at = NOW + 1000) {
  return {
    at,
    reason: 'recovered',
    notification: { id: `${incident.id}.resolved`, message: 'resolved', merged_message: 'was down' },
  }
}

const fire = (
  store: AlertStore,
  incident = anIncident(),
  channels = ['slack', 'email'],
  told: string[] = [],
) =>
  store.openIncident({
    incident,
    callback_ids: ['c1', 'c2', 'c3'],
    notification: firing(incident),
    channels,
    told,
  })

const sent = async (store: AlertStore, channel: string, at = NOW): Promise<string | undefined> => {
  const row = await store.takeNotification(channel, at)
  if (row !== undefined) await store.notificationSent(row.id, at, '')
  return row?.message
}

const failed = { at: NOW, error: 'down', retry_at: NOW + 5000, fallback_channel: '' }

/** What the engine, the outbox and the admin port rely on, for every implementation. */
export function alertStoreContract(
  name: string,
  open: () => Promise<{ readonly store: AlertStore } & AsyncDisposable>,
): void {
  describe(`incidents in ${name}`, () => {
    it('are kept as they were opened', async () => {
      await using under = await open()
      const incident = anIncident({ first_failure: aFailure({ error: "it's <broken> 😀" }) })
      expect(await fire(under.store, incident)).toBe(true)
      expect(await under.store.incident(incident.id)).toEqual({ ...incident, callbacks: 3 })
      expect(await under.store.incidents({ open: true, limit: 10 })).toHaveLength(1)
      expect(await under.store.incidentCallbacks(incident.id, 'c1', 10)).toEqual(['c2', 'c3'])
    })

    it('are open at most once for a rule, a route and a target', async () => {
      await using under = await open()
      expect(await fire(under.store)).toBe(true)
      expect(await fire(under.store, anIncident({ id: 'other' }))).toBe(false)
      expect(await under.store.incident('other')).toBeUndefined()
      expect(await under.store.notifications({ incident_id: 'other', limit: 10 })).toEqual([])
      expect(await fire(under.store, anIncident({ id: 'other', target: 'fallback' }))).toBe(true)
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      expect(await fire(under.store, anIncident({ id: 'again' }))).toBe(true)
    })

    it('count each hurt callback once', async () => {
      await using under = await open()
      await fire(under.store)
      const progress = { ...anIncident(), value: 5, reason: '5 failures in a row' }
      await under.store.noteIncident(anIncident().id, progress, ['c3', 'c4', 'c5'])
      await under.store.noteIncident(anIncident().id, progress, ['c4', 'c5'])
      expect(await under.store.incident(anIncident().id)).toMatchObject({ callbacks: 5, value: 5 })
    })

    it('do not change once they are closed, and close once', async () => {
      await using under = await open()
      await fire(under.store)
      expect(await under.store.closeIncident(anIncident().id, close(anIncident()))).toBe(true)
      expect(await under.store.closeIncident(anIncident().id, close(anIncident(), NOW + 9999))).toBe(false)
      await under.store.noteIncident(anIncident().id, { ...anIncident(), value: 99 }, ['c9'])
      expect(await under.store.remindIncident(reminder(anIncident(), 1))).toBe(false)
      expect(await under.store.ackIncident(anIncident().id, { by: 'a', comment: '', until: 1 })).toBe(false)
      expect(await under.store.incident(anIncident().id)).toMatchObject({
        closed_at: NOW + 1000,
        callbacks: 3,
        value: 3,
      })
    })

    it('are reminded of once for each number', async () => {
      await using under = await open()
      await fire(under.store)
      expect(await under.store.remindIncident(reminder(anIncident(), 2))).toBe(false)
      expect(await under.store.remindIncident(reminder(anIncident(), 1))).toBe(true)
      expect(await under.store.remindIncident(reminder(anIncident(), 1))).toBe(false)
      expect(await under.store.incident(anIncident().id)).toMatchObject({ reminders: 1, told_at: NOW + 1 })
    })

    it('are listed newest first, by route and by time', async () => {
      await using under = await open()
      await fire(under.store, anIncident({ id: 'i1', route: 'a', opened_at: 1 }))
      await fire(under.store, anIncident({ id: 'i2', route: 'b', opened_at: 2 }))
      await under.store.closeIncident('i1', close(anIncident({ id: 'i1' }), 10))
      const ids = async (filter: Parameters<AlertStore['incidents']>[0]) =>
        (await under.store.incidents(filter)).map(({ id }) => id)
      expect(await ids({ limit: 10 })).toEqual(['i2', 'i1'])
      expect(await ids({ limit: 1 })).toEqual(['i2'])
      expect(await ids({ limit: 10, route: 'a' })).toEqual(['i1'])
      expect(await ids({ limit: 10, open: false })).toEqual(['i1'])
      expect(await ids({ limit: 10, since: 11 })).toEqual(['i2'])
    })

    it('go with their callbacks and messages when they are old, and not while they are open', async () => {
      await using under = await open()
      await fire(under.store, anIncident({ id: 'i1', route: 'a' }))
      await fire(under.store, anIncident({ id: 'i2', route: 'b' }))
      for (const channel of ['slack', 'email']) {
        await sent(under.store, channel, Number.MAX_SAFE_INTEGER)
        await sent(under.store, channel, Number.MAX_SAFE_INTEGER)
      }
      await under.store.closeIncident('i1', close(anIncident({ id: 'i1' })))
      for (const channel of ['slack', 'email']) await sent(under.store, channel, NOW + 1000)
      await under.store.pruneAlerts(NOW + 1001)
      expect((await under.store.incidents({ limit: 10 })).map(({ id }) => id)).toEqual(['i2'])
      expect(await under.store.incidentCallbacks('i1', '', 10)).toEqual([])
      expect(await under.store.notifications({ incident_id: 'i1', limit: 10 })).toEqual([])
      expect(await under.store.notifications({ incident_id: 'i2', limit: 10 })).toHaveLength(2)
    })
  })

  describe(`the outbox in ${name}`, () => {
    it('gives each channel its messages once, in order', async () => {
      await using under = await open()
      await fire(under.store)
      expect(await under.store.oldestPending()).toBe(anIncident().opened_at)
      expect(await sent(under.store, 'slack')).toBe('fires')
      expect(await sent(under.store, 'slack')).toBeUndefined()
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      expect(await sent(under.store, 'slack', NOW + 1000)).toBe('resolved')
      expect(await sent(under.store, 'email', NOW + 1000)).toBe('was down')
      expect(await sent(under.store, 'email', NOW + 1000)).toBeUndefined()
      expect(await under.store.oldestPending()).toBeUndefined()
    })

    it('does not tell a channel again that was told past the store, but tells it of the end', async () => {
      await using under = await open()
      await fire(under.store, anIncident(), ['slack', 'email'], ['slack'])
      expect(await sent(under.store, 'slack')).toBeUndefined()
      expect(await sent(under.store, 'email')).toBe('fires')
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      expect(await sent(under.store, 'slack', NOW + 1000)).toBe('resolved')
    })

    it('holds back what is not due', async () => {
      await using under = await open()
      await fire(under.store)
      const row = await under.store.takeNotification('slack', NOW)
      await under.store.notificationFailed(row!.id, failed)
      expect(await under.store.takeNotification('slack', NOW + 4999)).toBeUndefined()
      expect(await under.store.takeNotification('slack', NOW + 5000)).toMatchObject({
        tries: 2,
        last_error: 'down',
        state: 'sending',
      })
    })

    it('does not hold back for hours what was put in or put off before the clock was set back', async () => {
      await using under = await open()
      await fire(under.store)
      const row = await under.store.takeNotification('slack', NOW)
      await under.store.notificationFailed(row!.id, failed)
      const setBack = NOW - 7_200_000
      expect(await under.store.dueNotifications('slack', setBack)).toBe(1)
      expect(await sent(under.store, 'slack', setBack)).toBe('fires')
      expect(await sent(under.store, 'email', setBack)).toBe('fires')
    })

    it('tells a resolve that is due before a firing that is not, in the words for both', async () => {
      await using under = await open()
      await fire(under.store)
      const row = await under.store.takeNotification('slack', NOW)
      await under.store.notificationFailed(row!.id, { ...failed, retry_at: NOW + 900_000 })
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      expect(await sent(under.store, 'slack', NOW + 1000)).toBe('was down')
      const states = (await under.store.notifications({ incident_id: anIncident().id, limit: 10 }))
        .filter(({ channel }) => channel === 'slack')
        .map(({ kind, state }) => `${kind} ${state}`)
      expect(states).toEqual(['resolved sent', 'firing merged'])
    })

    it('keeps a reminder from a channel that was not told yet', async () => {
      await using under = await open()
      await fire(under.store)
      await sent(under.store, 'slack')
      await under.store.remindIncident(reminder(anIncident(), 1))
      expect(await sent(under.store, 'slack', NOW + 10)).toBe('still 1')
      expect(await sent(under.store, 'email', NOW + 10)).toBe('fires')
      expect(await sent(under.store, 'email', NOW + 10)).toBeUndefined()
    })

    it('tells no resolve where the firing could not be told at all', async () => {
      await using under = await open()
      await fire(under.store)
      const row = await under.store.takeNotification('slack', NOW)
      await under.store.notificationFailed(row!.id, { ...failed, retry_at: null })
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      expect(await sent(under.store, 'slack', NOW + 1000)).toBeUndefined()
      expect(await sent(under.store, 'email', NOW + 1000)).toBe('was down')
    })

    it('lets another channel stand in, and tells it of the end whenever that is', async () => {
      await using under = await open()
      await fire(under.store, anIncident(), ['slack'])
      const row = await under.store.takeNotification('slack', NOW)
      await under.store.closeIncident(anIncident().id, close(anIncident()))
      await under.store.notificationFailed(row!.id, { ...failed, retry_at: null, fallback_channel: 'email' })
      expect(await sent(under.store, 'email', NOW + 1000)).toBe('was down')
      expect(await sent(under.store, 'email', NOW + 1000)).toBeUndefined()
    })

    it('makes due again what a crash left half sent, and fails what waits for a channel that is gone', async () => {
      await using under = await open()
      await fire(under.store)
      await under.store.takeNotification('slack', NOW)
      await under.store.recoverNotifications(['slack'], NOW)
      expect(await sent(under.store, 'slack')).toBe('fires')
      expect(await sent(under.store, 'email')).toBeUndefined()
      expect(await under.store.oldestPending()).toBeUndefined()
    })

    it('takes the same message once', async () => {
      await using under = await open()
      const note = { id: 'summary-1', incident_id: '', kind: 'summary', message: 'all well' } as const
      await under.store.enqueue(note, ['slack'], NOW)
      await under.store.enqueue(note, ['slack'], NOW)
      expect(await sent(under.store, 'slack')).toBe('all well')
      expect(await sent(under.store, 'slack')).toBeUndefined()
    })
  })

  describe(`silences and markers in ${name}`, () => {
    const silence = {
      id: 's1',
      route: 'ivr*',
      rule: '',
      target: '',
      severity: '',
      comment: 'planned',
      created_by: 'ana',
      created_at: NOW,
      starts_at: NOW,
      expires_at: NOW + 1000,
    }

    it('list silences until they expire or are ended, once', async () => {
      await using under = await open()
      await under.store.addSilence(silence)
      expect(await under.store.silences(NOW)).toEqual([silence])
      expect(await under.store.silences(NOW + 1000)).toEqual([])
      expect(await under.store.endSilence('s1', NOW + 10)).toBe(true)
      expect(await under.store.endSilence('s1', NOW + 20)).toBe(false)
      expect(await under.store.silences(NOW + 20)).toEqual([])
    })

    it('list markers newest first', async () => {
      await using under = await open()
      for (const at of [NOW, NOW + 5]) {
        await under.store.addMarker({ id: `m${at}`, at, text: 'deploy', created_by: 'ci' })
      }
      expect((await under.store.markers(NOW, 10)).map(({ at }) => at)).toEqual([NOW + 5, NOW])
      expect(await under.store.markers(NOW + 1, 1)).toHaveLength(1)
    })
  })
}
