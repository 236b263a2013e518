import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { sessionQuery } from './api/queries.ts'
import { App, createClient } from './app.tsx'

/** A page that waits for its first answer longer than this says so. */
const SILENT_MS = 300

/** Puts the page into the document, as soon as it is known who looks. */
export async function show(): Promise<void> {
  const place = document.querySelector('#page')
  if (place === null) throw new Error('the document has no place for the page')
  const client = createClient()
  await Promise.race([
    client.prefetchQuery(sessionQuery),
    new Promise((resolve) => setTimeout(resolve, SILENT_MS)),
  ])
  createRoot(place).render(
    <StrictMode>
      <App client={client} />
    </StrictMode>,
  )
}
