import { useDeferredValue } from 'react'

import type { SettingView } from '../../../admin/api.ts'
import { plural } from '../../format/amount.ts'
import { Empty } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { changeParams, usePlace } from '../../place.ts'

const origins = [
  { id: '', label: 'All' },
  { id: 'file', label: 'Set in the file' },
  { id: 'default', label: 'Defaults' },
] as const

/** Every setting in force, to be searched, each with where its value comes from. */
export function Settings({ rows }: { readonly rows: readonly SettingView[] }) {
  const place = usePlace()
  const text = useDeferredValue(place.params.get('find') ?? '')
  const origin = origins.find(({ id }) => id === place.params.get('origin'))?.id ?? ''
  const found = rows.filter((row) => fits(row, text.toLowerCase(), origin))
  return (
    <Panel
      title="Settings in force"
      note={plural(found.length, 'setting')}
      tools={
        <>
          <span className="choice" role="group" aria-label="Origin">
            {origins.map(({ id, label }) => (
              <button
                key={id}
                type="button"
                aria-pressed={id === origin}
                onClick={() => changeParams(place, { origin: id })}
              >
                {label}
              </button>
            ))}
          </span>
          <input
            className="field find"
            type="search"
            aria-label="Find a setting"
            placeholder="Find a setting"
            value={place.params.get('find') ?? ''}
            onChange={(event) => changeParams(place, { find: event.target.value })}
          />
        </>
      }
      isFlush
    >
      {found.length === 0 ? <Empty icon="search" title="No setting fits" /> : <Table rows={found} />}
    </Panel>
  )
}

function fits(row: SettingView, text: string, origin: string): boolean {
  if (origin !== '' && row.origin !== origin) return false
  return text === '' || row.path.toLowerCase().includes(text) || valueOf(row).toLowerCase().includes(text)
}

function Table({ rows }: { readonly rows: readonly SettingView[] }) {
  return (
    <div className="scroll-x" role="region" aria-label="Settings" tabIndex={0}>
      <table className="table folds settings">
        <thead>
          <tr>
            <th>Setting</th>
            <th>Value</th>
            <th>Comes from</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path} data-origin={row.origin}>
              <td className="line">
                <code className="foreign" title={row.meaning}>
                  {row.path}
                </code>
              </td>
              <td className="line">
                <Value row={row} />
              </td>
              <td className="soft line">
                <Origin row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ row }: { readonly row: SettingView }) {
  if (row.is_secret) {
    return row.is_set ? (
      <span className="masked">secret</span>
    ) : (
      <span className="warn-text">secret, and not there</span>
    )
  }
  const text = valueOf(row)
  return text === '' ? <span className="faint">not set</span> : <span className="mono foreign">{text}</span>
}

function valueOf({ value }: SettingView): string {
  if (value === null) return ''
  if (typeof value !== 'object') return String(value)
  return value.length === 0 ? '[]' : value.join(', ')
}

function Origin({ row }: { readonly row: SettingView }) {
  const { origin, line, inherited_from: inherited, secret_from: secret } = row
  const place = {
    file: line === null ? 'the file' : `the file, line ${line}`,
    default: 'default',
    trial: 'trial configuration',
  }[origin]
  const parts = [
    place,
    inherited === '' ? '' : `by ${inherited}`,
    ...secret,
    row.waits_for_restart ? 'waits for a restart' : row.needs_restart ? 'a change needs a restart' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
