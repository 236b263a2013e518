import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'

import { follow, type LinkState } from '../api/stream.ts'
import { type LiveState, LiveStore } from './live-store.ts'

const Live = createContext<{ readonly store: LiveStore; readonly link: LinkState } | undefined>(undefined)

/** Keeps the page connected on every screen, so that the live view has not missed anything when it is opened. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [store] = useState(() => new LiveStore())
  const [link, setLink] = useState<LinkState>('connecting')
  const client = useQueryClient()
  useEffect(() => {
    let before: LinkState = 'connecting'
    return follow(store, (now) => {
      // Whatever else is shown need not wait for its next question to be right again.
      if (now === 'lost') void client.invalidateQueries({ queryKey: ['status'] })
      if (now === 'live' && before === 'lost') void client.invalidateQueries()
      before = now
      setLink(now)
    })
  }, [store, client])
  return <Live value={{ store, link }}>{children}</Live>
}

export function useLink(): LinkState {
  return useLive().link
}

export function useLiveState(): LiveState {
  const { store } = useLive()
  return useSyncExternalStore(store.subscribe, store.state)
}

function useLive() {
  const live = useContext(Live)
  if (live === undefined) throw new Error('outside of the LiveProvider')
  return live
}
