/** Version, trace id, parent id and flags, none of them one that the standard forbids. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=-|$)/
const LENGTH = 55

/**
 * The trace context of a request as it may stand in log lines and rows: what is not exactly one is ignored, so that
 * nobody writes texts of his own there. The handler gets the header as it came. Source: W3C Trace Context, §3.2.
 */
export function traceparentOf(header: string): string {
  if (!TRACEPARENT.test(header)) return ''
  // Version 00 ends here; a later one may go on after a dash.
  return header.startsWith('00') && header.length > LENGTH ? '' : header.slice(0, LENGTH)
}
