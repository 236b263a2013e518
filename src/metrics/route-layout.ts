import { blameLabels, codes, faultLabels, outcomeLabels, refusals, results } from './labels.ts'
import { layOut, type Layout } from './slab.ts'
import { answerBuckets } from './table.ts'

// Where the numbers of a route lie. What every delivered callback counts stands together in the middle, from the end of
// the route's block to the beginning of its primary target's; what a healthy route never counts is in blocks of its own.

/** One series of a histogram; the last of the counts is of what lies above every bound. */
export const histogram = layOut({ sum: 1, counts: answerBuckets.length + 1 })

/** What is counted of a target once an attempt failed. */
export const failures = layOut({
  durations: { within: histogram },
  /** By index in `outcomeLabels`; that of `ok` stays empty. */
  outcomes: outcomeLabels.values.length,
})

export const target = layOut({
  lastSuccess: 1,
  succeeded: 1,
  durations: { within: histogram },
  failures: { links: 1, to: () => failures },
  streak: 1,
  isBreakerOpen: 1,
  certificateExpiry: 1,
})

/** So many of events times verdicts stand in one block: what most routes are ever sent. */
export const RECEIVED_PAIRS = 8
/** What of events times verdicts was ever counted, as pairs of a key and its count: all of them would be 6 KB a route. */
export const received: Layout<'pairs' | 'more'> = layOut({
  pairs: 2 * RECEIVED_PAIRS,
  more: { links: 1, to: () => received },
})

/** What is counted of a route once something went wrong. */
export const trouble = layOut({
  /** By index in `results`; that of `delivered` stays empty. */
  results: results.values.length,
  deadlineMisses: blameLabels.values.length,
  answerFaults: faultLabels.values.length,
  signatureFailures: refusals.values.length,
  /** By index in `codes`; that of 200 stays empty. */
  responses: { links: codes.values.length, to: () => histogram },
})

export const route = layOut({
  judgesAnswers: 1,
  rescueLength: 1,
  deadLetters: 1,
  trouble: { links: 1, to: () => trouble },
  fallback: { links: 1, to: () => target },
  responses200: { within: histogram },
  received: { within: received },
  lastReceived: 1,
  delivered: 1,
  hasPrimary: 1,
  primary: { within: target },
})

/** The largest block that may not be there and is read all the same. */
export const BLANK = Math.max(histogram.size, failures.size, trouble.size)
