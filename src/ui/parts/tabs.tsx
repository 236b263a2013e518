import { Tabs as BaseTabs } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

export interface Tab {
  readonly id: string
  readonly label: string
  readonly content: ReactNode
}

/** Several things in one place; arrow keys move between them. */
export function Tabs({ tabs, label }: { readonly tabs: readonly Tab[]; readonly label: string }) {
  return (
    <BaseTabs.Root defaultValue={tabs[0]?.id}>
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
