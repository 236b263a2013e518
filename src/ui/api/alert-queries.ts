import { useQuery } from '@tanstack/react-query'

import type {
  IncidentDetail,
  IncidentRow,
  NotificationView,
  RuleReport,
  SilenceRow,
} from '../../admin/api.ts'
import { ask } from './ask.ts'
import { EVERY_5_S } from './queries.ts'
import { reads } from './reads.ts'

export function useIncidents() {
  return useQuery({
    queryKey: ['incidents'],
    queryFn: () => ask<{ rows: IncidentRow[] }>(...reads.incidents()),
    refetchInterval: EVERY_5_S,
  })
}

export function useIncident(id: string) {
  return useQuery({
    queryKey: ['incident', id],
    queryFn: () => ask<IncidentDetail>(...reads.incident(id)),
    refetchInterval: EVERY_5_S,
  })
}

/** Those that have not expired. */
export function useSilences() {
  return useQuery({
    queryKey: ['silences'],
    queryFn: () => ask<{ rows: SilenceRow[] }>('silences'),
    refetchInterval: EVERY_5_S,
  })
}

export function useNotifications() {
  return useQuery({
    queryKey: ['notifications'],
    queryFn: () => ask<{ rows: NotificationView[] }>('notifications', { limit: 200 }),
    refetchInterval: EVERY_5_S,
  })
}

/** What every rule measures on a route. */
export function useRules(route: string) {
  return useQuery({
    queryKey: ['rules', route],
    queryFn: () => ask<{ rows: RuleReport[] }>('alerts/explain', { route }),
    refetchInterval: EVERY_5_S,
    enabled: route !== '',
  })
}
