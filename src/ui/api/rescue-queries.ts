import { useInfiniteQuery, useQuery } from '@tanstack/react-query'

import type { DeadLetter, Page, ReplayRequest, ReplayView } from '../../admin/api.ts'
import { ask, change } from './ask.ts'
import { EVERY_5_S } from './queries.ts'
import { reads } from './reads.ts'

const UNDER_WAY_MS = 500

export function useDeadLetters(route: string) {
  return useInfiniteQuery({
    queryKey: ['dead-letters', route],
    queryFn: ({ pageParam }) => ask<Page<DeadLetter>>(...reads.deadLetters(route, pageParam)),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: EVERY_5_S,
  })
}

export function useReplays() {
  return useQuery({
    queryKey: ['replays'],
    queryFn: () => ask<{ rows: ReplayView[] }>('replays'),
    refetchInterval: EVERY_5_S,
  })
}

/** A replay as it goes on. */
export function useReplay(id: string) {
  return useQuery({
    queryKey: ['replay', id],
    queryFn: () => ask<ReplayView>(`replays/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === 'running' ? UNDER_WAY_MS : false,
  })
}

/** What a replay would do. */
export function useReplayPlan(wish: ReplayRequest) {
  return useQuery({
    queryKey: ['replay-plan', wish],
    queryFn: () => change<ReplayView>('POST', 'replays', { ...wish, dry_run: true }),
    staleTime: 0,
    retry: false,
  })
}
