import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'

import type {
  CallbackDetail,
  CallbackRow,
  CallView,
  Page,
  RouteList,
  SessionView,
  StatusView,
  TrialView,
} from '../../admin/api.ts'
import { ask, type Query } from './ask.ts'
import { reads, USUAL_WINDOW } from './reads.ts'

export const EVERY_5_S = 5000

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => ask<SessionView>(...reads.session()),
  staleTime: 60_000,
})

export function useSession() {
  return useQuery(sessionQuery)
}

/** May whoever looks change things of this kind? The port decides; the page only says it beforehand. */
export function useMay(role: 'replay' | 'admin'): boolean {
  const has = useSession().data?.role ?? null
  return has === 'admin' || has === role
}

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: () => ask<StatusView>(...reads.status()),
    refetchInterval: EVERY_5_S,
  })
}

export function useRoutes(window = USUAL_WINDOW) {
  return useQuery({
    queryKey: ['routes', window],
    queryFn: () => ask<RouteList>(...reads.routes(window)),
    refetchInterval: EVERY_5_S,
    placeholderData: keepPreviousData,
  })
}

export function useCallbackDetail(id: string) {
  return useQuery({
    queryKey: ['callback', id],
    queryFn: () => ask<CallbackDetail>(...reads.callback(id)),
    // What is still under way, or waits for a handler, changes while it is looked at.
    refetchInterval: ({ state }) =>
      state.data?.result === 'pending' || state.data?.result === 'rescued' ? 2000 : false,
  })
}

export function useCall(callId: string) {
  return useQuery({
    queryKey: ['call', callId],
    queryFn: () => ask<CallView>(...reads.call(callId)),
    refetchInterval: EVERY_5_S,
    enabled: callId !== '',
  })
}

export function useSearch(query: Query) {
  return useInfiniteQuery({
    queryKey: ['search', query],
    queryFn: ({ pageParam }) => ask<Page<CallbackRow>>(...reads.search(query, pageParam)),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

/** Does anything at all fit? */
export function fitsAny(query: Query): Promise<boolean> {
  return ask<Page<CallbackRow>>('callbacks', { ...query, limit: 1 }).then(({ rows }) => rows.length > 0)
}

/** The sample handler of the trial configuration; an error where another configuration runs. */
export function useTrial(isWanted: boolean) {
  return useQuery({
    queryKey: ['trial'],
    queryFn: () => ask<TrialView>('trial'),
    retry: false,
    enabled: isWanted,
  })
}
