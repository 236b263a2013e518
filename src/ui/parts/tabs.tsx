import { Tabs as BaseTabs } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

import { changeParams, usePlace } from '../place.ts'

export interface Tab {
  readonly id: string
  readonly label: string
  readonly content: ReactNode
}

/** Several things in one place; arrow keys move between them. Which one is open stands in the address (`tab`). */
export function Tabs({ tabs, label }: { readonly tabs: readonly Tab[]; readonly label: string }) {
  const place = usePlace()
  const [first] = tabs
  const open = tabs.find(({ id }) => id === place.params.get('tab')) ?? first
  const show = (id: string): void => changeParams(place, { tab: id === first?.id ? '' : id })
  return (
    <BaseTabs.Root value={open?.id} onValueChange={show}>
      <BaseTabs.List className="tabs" aria-label={label}>
        {tabs.map(({ id, label: text }) => (
          <BaseTabs.Tab key={id} value={id} className="tab">
            {text}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map(({ id, content }) => (
        <BaseTabs.Panel key={id} value={id} className="panel-body">
          {content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  )
}
