import type { SettledRecord } from '../codec/records.ts'

/** pending: under way, for crashes; waiting: to be delivered later; dead: given up, for people to decide. */
export type InboxState = 'pending' | 'waiting' | 'dead'

/** Callbacks of one lane are delivered one after the other, in order of arrival: those of one call on one route. */
export function laneOf(route: string, callId: string, id: string): string {
  return callId === '' ? id : `${route} ${callId}`
}

/** Where a callback stands after it was settled; undefined when its bytes are let go. */
export function stateOf(settled: SettledRecord | undefined): InboxState | undefined {
  if (settled === undefined) return 'pending'
  if (settled.result === 'rescued') return 'waiting'
  return settled.result === 'dead' ? 'dead' : undefined
}

/** @param fallback where the settlement names no time */
export function dueAt(settled: SettledRecord | undefined, fallback: number): number {
  return settled === undefined || Number.isNaN(settled.dueAt) ? fallback : settled.dueAt
}
