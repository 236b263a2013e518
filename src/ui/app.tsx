import { hashKey, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'

import { ApiError } from './api/ask.ts'
import { useSession } from './api/queries.ts'
import { Frame } from './frame.tsx'
import { Fetched } from './parts/notes.tsx'
import { CallScreen } from './screens/call/call-screen.tsx'
import { CallbackScreen } from './screens/callback/callback-screen.tsx'
import { IncidentScreen } from './screens/incidents/incident-screen.tsx'
import { IncidentsScreen } from './screens/incidents/incidents-screen.tsx'
import { LiveScreen } from './screens/live/live-screen.tsx'
import { NoScreen } from './screens/no-screen.tsx'
import { RoutesScreen } from './screens/routes/routes-screen.tsx'
import { SearchScreen } from './screens/search/search-screen.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { StartScreen } from './screens/start/start-screen.tsx'
import { StatusScreen } from './screens/status/status-screen.tsx'
import { usePlace } from './place.ts'
import { LiveProvider } from './state/live.tsx'

export function App() {
  const [client] = useState(createClient)
  return (
    <QueryClientProvider client={client}>
      <Door />
    </QueryClientProvider>
  )
}

/** Asks for a token where one is needed; everything else only after that. */
function Door() {
  const session = useSession()
  return (
    <Fetched of={session} what="the page">
      {({ needs_token: needsToken, name }) =>
        needsToken && name === null ? (
          <SignIn />
        ) : (
          <LiveProvider>
            <Frame>
              <Screen />
            </Frame>
          </LiveProvider>
        )
      }
    </Fetched>
  )
}

function Screen() {
  const { parts } = usePlace()
  const [name = 'live', id] = parts
  switch (name) {
    case 'live':
      return <LiveScreen />
    case 'callbacks':
      return id === undefined ? <NoScreen /> : <CallbackScreen key={id} id={id} />
    case 'calls':
      return id === undefined ? <NoScreen /> : <CallScreen key={id} callId={id} />
    case 'routes':
      return <RoutesScreen />
    case 'search':
      return <SearchScreen />
    case 'incidents':
      return id === undefined ? <IncidentsScreen /> : <IncidentScreen key={id} id={id} />
    case 'start':
      return <StartScreen />
    case 'status':
      return <StatusScreen />
    default:
      return <NoScreen />
  }
}

function createClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1000,
        // What was refused stays refused; what did not answer may come back.
        retry: (times, error) =>
          times < 1 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      },
    },
  })
  client.getQueryCache().subscribe(({ query, type }) => {
    const error: unknown = query.state.error
    const isSignedOut = type === 'updated' && error instanceof ApiError && error.status === 401
    const isSession = query.queryHash === hashKey(['session'])
    if (isSignedOut && !isSession) void client.invalidateQueries({ queryKey: ['session'] })
  })
  return client
}
