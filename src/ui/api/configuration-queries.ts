import { useQuery } from '@tanstack/react-query'

import type { ConfigurationView } from '../../admin/api.ts'
import { ask } from './ask.ts'
import { reads } from './reads.ts'

/** Every setting in force, with where it came from. */
export function useConfiguration() {
  return useQuery({
    queryKey: ['configuration'],
    queryFn: () => ask<ConfigurationView>(...reads.configuration()),
    staleTime: 10_000,
  })
}
