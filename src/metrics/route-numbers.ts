import { NO_EVENT } from '../callback/event.ts'
import type { Route } from '../callback/route.ts'
import { codes, escaped, events, OTHER_ROUTE, refusals, UNMATCHED, verdicts } from './labels.ts'
import { RouteCells } from './route-cells.ts'
import { BLANK, route as routeBlock } from './route-layout.ts'
import { Slab } from './slab.ts'

/** Room for what few routes have: fallback targets, more events than most, troubles. */
const SPARE_CELLS = 1_000

const NO_EVENT_INDEX = events.values.indexOf(NO_EVENT)

/** One route as the exposition shows it. */
export interface RouteSeries {
  /** `route="…"`, ready for the exposition. */
  readonly label: string
  readonly cells: RouteCells
  /** Codes of answers, by index, whose series stand at zero from the start. */
  readonly presetCodes: readonly boolean[]
  /** Rules of the built-in alerts, and whether they fire. */
  readonly alerts: ReadonlyMap<string, boolean>
}

const presetOfRoutes = codes.values.map((code) => code === '200' || code === '5xx')
const presetOfUnmatched = codes.values.map((code) => code === '4xx')
const noAlerts: ReadonlyMap<string, boolean> = new Map([['consecutive_failures', false]])

/** The numbers of all routes, of what no route claims, and of what ends on a route that a reload has removed. */
export class RouteNumbers {
  readonly #hasExemplars: boolean
  #slab: Slab
  /** Where the block of each route lies. */
  #bases: ReadonlyMap<string, number> = new Map()
  #unmatched: number
  #other: number
  /** Only of routes that an alert was told of. */
  readonly #alerts = new Map<string, Map<string, boolean>>()

  constructor(hasExemplars: boolean) {
    this.#hasExemplars = hasExemplars
    this.#slab = this.#newSlab(2)
    this.#unmatched = this.#slab.take(routeBlock)
    this.#other = this.#slab.take(routeBlock)
    for (const verdict of refusals.values) preset(this.unmatched, verdict)
  }

  get unmatched(): RouteCells {
    return new RouteCells(this.#slab, this.#unmatched)
  }

  get other(): RouteCells {
    return new RouteCells(this.#slab, this.#other)
  }

  /** Those of `other` where no route has this id. */
  of(id: string): RouteCells {
    return new RouteCells(this.#slab, this.#bases.get(id) ?? this.#other)
  }

  get all(): readonly RouteCells[] {
    return [...this.#bases.values(), this.#unmatched, this.#other].map(
      (base) => new RouteCells(this.#slab, base),
    )
  }

  /** In the order of the exposition. */
  series(): readonly RouteSeries[] {
    const ofRoutes = [...this.#bases.keys()].map((id) => this.#seriesOf(id, this.of(id)))
    const unmatched = { ...this.#seriesOf(UNMATCHED, this.unmatched), presetCodes: presetOfUnmatched }
    return [...ofRoutes, unmatched, this.#seriesOf(OTHER_ROUTE, this.other)]
  }

  #seriesOf(id: string, cells: RouteCells): RouteSeries {
    const alerts = this.#alerts.get(id) ?? noAlerts
    return { label: `route="${escaped(id)}"`, cells, presetCodes: presetOfRoutes, alerts }
  }

  alertFiring(id: string, rule: string, isFiring: boolean): void {
    const key = this.#bases.has(id) ? id : OTHER_ROUTE
    const alerts = this.#alerts.get(key) ?? new Map(noAlerts)
    this.#alerts.set(key, alerts.set(rule, isFiring))
  }

  /** Numbers of routes that stay are kept, those of routes that go are gone. */
  setRoutes(routes: readonly Route[]): void {
    const before = this.#slab
    const slab = this.#newSlab(routes.length + 2)
    const bases = new Map<string, number>()
    this.#unmatched = slab.copy(routeBlock, before, this.#unmatched)
    this.#other = slab.copy(routeBlock, before, this.#other)
    for (const route of routes) {
      // Per-call routes share one id, and so their numbers.
      const shared = bases.get(route.id)
      const known = this.#bases.get(route.id)
      const base =
        shared ?? (known === undefined ? slab.take(routeBlock) : slab.copy(routeBlock, before, known))
      bases.set(route.id, base)
      const cells = new RouteCells(slab, base)
      for (const { role } of route.targets) cells.target(role)
      if (shared !== undefined) continue
      cells.judgesAnswers = route.responseContract !== 'off'
      preset(cells, route.signature === 'off' ? 'unchecked' : 'verified')
    }
    this.#slab = slab
    this.#bases = bases
    for (const id of this.#alerts.keys()) if (id !== OTHER_ROUTE && !bases.has(id)) this.#alerts.delete(id)
  }

  #newSlab(routes: number): Slab {
    const room = routes * routeBlock.size + SPARE_CELLS
    return new Slab({ blank: BLANK, room, hasExemplars: this.#hasExemplars })
  }
}

/** The series of requests without an event stands at zero from the start. */
function preset(cells: RouteCells, verdict: string): void {
  cells.receive(NO_EVENT_INDEX, verdicts.index.get(verdict) ?? 0, 0)
}
