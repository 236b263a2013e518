import { hashKey, QueryClient, QueryClientProvider } from '@tanstack/react-query'

import { ApiError } from './api/ask.ts'
import { sessionQuery, useSession } from './api/queries.ts'
import { Frame } from './frame/frame.tsx'
import { Fetched } from './parts/notes.tsx'
import { SignIn } from './screens/door/sign-in.tsx'
import { Screen } from './screens/screen.tsx'
import { LiveProvider } from './state/live.tsx'

export function App({ client }: { readonly client: QueryClient }) {
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

/** A daemon that starts again answers after about this long. */
const RETRY_MS = 500

/** What the page knows of the API's answers, and how it asks again. */
export function createClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      mutations: { networkMode: 'always' },
      queries: {
        // The daemon may be on this machine, which a browser without a network can reach all the same.
        networkMode: 'always',
        staleTime: 1000,
        retryDelay: RETRY_MS,
        // What was refused stays refused; what did not answer may come back.
        retry: (times, error) =>
          times < 1 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      },
    },
  })
  client.getQueryCache().subscribe(({ query, type }) => {
    const error: unknown = query.state.error
    const isSignedOut = type === 'updated' && error instanceof ApiError && error.status === 401
    const isSession = query.queryHash === hashKey(sessionQuery.queryKey)
    if (isSignedOut && !isSession) void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
  })
  return client
}
