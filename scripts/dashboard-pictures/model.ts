/** What a panel's file says of how it looks, as far as it is drawn. */
export interface PanelModel {
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
  }[]
  readonly fieldConfig?: {
    readonly defaults: FieldModel & {
      readonly custom?: {
        readonly stacking?: { readonly mode: string }
        readonly thresholdsStyle?: { readonly mode: string }
        readonly axisSoftMin?: number
      }
    }
    readonly overrides: readonly {
      readonly matcher: { readonly options: unknown }
      readonly properties: readonly { readonly id: string; readonly value: unknown }[]
    }[]
  }
  readonly options?: {
    readonly textMode?: string
    readonly graphMode?: string
    readonly sortBy?: readonly { readonly displayName: string }[]
  }
}

export interface FieldModel {
  readonly unit?: string
  readonly noValue?: string
  readonly decimals?: number
  readonly max?: number
  readonly mappings?: readonly { readonly options: Readonly<Record<string, { readonly text: string }>> }[]
  readonly thresholds?: Thresholds
}

export interface Thresholds {
  readonly steps: readonly { readonly value: number | null; readonly color: string }[]
}

export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly refId: string
  /** Seconds since the epoch, and the value then. */
  readonly points: readonly (readonly [at: number, value: number])[]
}

/** A panel with what Prometheus answered. */
export interface PanelData {
  readonly panel: PanelModel
  readonly series: readonly Series[]
  readonly from: number
  readonly to: number
}

/** The colour of the highest step that a value reaches. */
export function colorAt(value: number, thresholds: Thresholds | undefined): string {
  const reached = thresholds?.steps.filter((step) => step.value === null || value >= step.value) ?? []
  return reached.at(-1)?.color ?? '#ccccdc'
}

/** The value that a panel's override sets for the field of that name. */
export function overrideOf(panel: PanelModel, field: string, property: string): unknown {
  return panel.fieldConfig?.overrides
    .find(({ matcher }) => matcher.options === field)
    ?.properties.find(({ id }) => id === property)?.value
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
