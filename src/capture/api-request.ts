import type { Route } from '../callback/route.ts'
import { bodySlots, fallbackSlot } from './api-body.ts'
import type { Resource } from './api-resources.ts'
import { type Captured, type CapturedUrls, DAY_MS } from './captured-urls.ts'
import { isHostListed } from './hosts.ts'
import { fillSlots, type Slot } from './slot.ts'
import { storedOf } from './stored.ts'

/** How capture is set up at present. */
export interface FrontSettings {
  readonly hosts: readonly string[]
  /** Are fallback URLs left direct, and empty ones set to the direct handler? */
  readonly directFallback: boolean
}

/** A request body with captured URLs in it. */
export interface CapturedBody {
  readonly body: Uint8Array
  /** To be released when the request has ended. */
  readonly captured: readonly Captured[]
  /** Fields that hold a captured URL now. */
  readonly fields: readonly string[]
  /** Fields whose URL could not be written down in time, and passes as it came. */
  readonly unstored: readonly string[]
}

const LIVES: Readonly<Record<Resource['life'], number>> = { call: DAY_MS, standing: 36_500 * DAY_MS }
/** Nobody hangs on the line while an application is changed or a call is made: a slow commit is worth waiting for. */
const PATIENCE_MS = 1_000

/** Puts captured URLs in the place of those of a request to the API. */
export async function captureBody(
  request: { readonly body: Uint8Array; readonly contentType: string; readonly resource: Resource },
  base: Route,
  urls: CapturedUrls,
  settings: FrontSettings,
): Promise<CapturedBody> {
  const { resource } = request
  const text = Buffer.from(request.body).toString('latin1')
  const found = new Map<Slot, Captured>()
  for (const slot of bodySlots(text, request.contentType, resource)) {
    if (settings.directFallback && slot.name.startsWith('fallback_')) continue
    if (!isHostListed(slot.url, settings.hosts) || urls.isOurs(slot.url)) continue
    const captured = urls.capture({
      base,
      target: slot.url,
      fallbackTarget: '',
      lifeMs: LIVES[resource.life],
    })
    if (captured !== undefined) found.set(slot, captured)
  }
  const stored = await storedOf(found, PATIENCE_MS)
  const slots = [...found.keys()]
  const direct = settings.directFallback ? fallbackSlot(text, resource) : undefined
  const isAnswerCaptured = [...stored.keys()].some((slot) => slot.url === direct?.url)
  const all = direct !== undefined && isAnswerCaptured ? inOrder([...slots, direct]) : slots
  const filled = fillSlots(text, all, (slot) => (slot === direct ? slot.url : stored.get(slot)?.url))
  return {
    body: filled === text ? request.body : Buffer.from(filled, 'latin1'),
    captured: [...found.values()],
    fields: slots.filter((slot) => stored.has(slot)).map(({ name }) => name),
    unstored: slots.filter((slot) => !stored.has(slot)).map(({ name }) => name),
  }
}

function inOrder(slots: readonly Slot[]): readonly Slot[] {
  return slots.toSorted((one, other) => one.start - other.start)
}
