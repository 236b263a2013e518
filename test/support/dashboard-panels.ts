import { readdirSync, readFileSync } from 'node:fs'

/** What a dashboard's file holds, as far as the tests read it. */
export interface DashboardFile {
  readonly file: string
  readonly uid: string
  readonly title: string
  readonly editable: boolean
  readonly panels: readonly PanelFile[]
  readonly templating: { readonly list: readonly VariableFile[] }
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] }
}

export interface PanelFile {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid: string }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly noValue?: string } }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
    readonly datasource: { readonly uid: string }
  }[]
}

interface VariableFile {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly query: string | { readonly query: string }
}

/** The committed dashboards. */
export function dashboardFiles(): readonly DashboardFile[] {
  return readdirSync('grafana/dashboards')
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const dashboard = JSON.parse(readFileSync(`grafana/dashboards/${file}`, 'utf8')) as DashboardFile
      return Object.assign(dashboard, { file })
    })
}

/** Panels that show data: all but the rows. */
export function dataPanels(dashboard: DashboardFile): readonly PanelFile[] {
  return dashboard.panels.filter((panel) => panel.type !== 'row')
}

/** An expression with its variables filled in, as Grafana would. Throws on a variable that nobody defined. */
export function filledIn(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replaceAll(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_whole, braced: string | undefined, plain: string | undefined) => {
      const name = braced ?? plain ?? ''
      const value = values[name]
      if (value === undefined) throw new Error(`undefined variable $${name} in ${expr}`)
      return value
    },
  )
}
