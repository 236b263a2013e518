import './configuration.css'

import { useConfiguration } from '../../api/configuration-queries.ts'
import { Moment } from '../../parts/moment.tsx'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { Explain } from './explain.tsx'
import { Reload } from './reload.tsx'
import { Settings } from './settings.tsx'

/** What is in force, where it comes from, and which handler gets a callback. */
export function ConfigurationScreen() {
  return (
    <Fetched of={useConfiguration()} what="the configuration" isScreen>
      {({ source, loaded_at: loadedAt, problem, rows }) => (
        <>
          <div className="screen-head">
            <h1>Configuration</h1>
            <p className="lead">
              <code className="foreign">{source}</code>, read <Moment at={loadedAt} how="full" />
            </p>
            <div className="tools">
              <Reload />
            </div>
          </div>
          {problem !== '' && (
            <Warning tone="bad">
              <pre className="problem-text foreign">{problem}</pre>
            </Warning>
          )}
          <Explain />
          <Settings rows={rows} />
        </>
      )}
    </Fetched>
  )
}
