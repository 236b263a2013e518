/** What run.ts asks of the generator process; one command at a time, each answered once. */
export type Command =
  /** Sign this many requests ahead, so that signing costs nothing inside a window; they go round `routes` routes. */
  | { readonly do: 'prepare'; readonly count: number; readonly routes: number }
  /** Send for some seconds: as fast as answers come back, or at a fixed rate whatever comes back. */
  | {
      readonly do: 'run'
      readonly port: number
      readonly connections: number
      readonly seconds: number
      /** Requests a second, evenly spaced; 0 means closed loop (the next request follows the answer). */
      readonly rate: number
    }

/** What one window of load showed. Latencies in milliseconds; at a fixed rate from the intended send time. */
export interface Window {
  readonly seconds: number
  readonly answered: number
  /** Answers other than 200, connections cut, answers that never came. */
  readonly errors: number
  /** Answers by status; 0 for connections that were cut. */
  readonly statuses: Readonly<Record<number, number>>
  /** Requests that had to be signed inside the window, because `prepare` was asked for too few. */
  readonly signedLate: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}
