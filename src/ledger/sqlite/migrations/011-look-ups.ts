/**
 * Callbacks by call, and by route and event, are tables that are filled in their own order and not indexes; see
 * tables/look-up-tables.ts. Up to which callback each is filled stands in the state. Events of all routes are found route
 * by route.
 */
export const LOOK_UPS = `
CREATE TABLE calls (
  bucket INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (bucket, hash, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE route_events (
  route TEXT NOT NULL,
  event TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (route, event, id)
) STRICT, WITHOUT ROWID;
INSERT INTO calls SELECT bucket, call_hash, id FROM callbacks INDEXED BY callbacks_by_call
  WHERE call_hash IS NOT NULL ORDER BY bucket, call_hash, id;
INSERT INTO route_events SELECT route, event, id FROM callbacks INDEXED BY callbacks_by_route_event
  ORDER BY route, event, id;
DROP INDEX callbacks_by_call;
DROP INDEX callbacks_by_route_event;
DROP INDEX callbacks_by_event;
ALTER TABLE state ADD COLUMN calls_to TEXT NOT NULL DEFAULT '';
ALTER TABLE state ADD COLUMN route_events_to TEXT NOT NULL DEFAULT '';
UPDATE state SET calls_to = coalesce((SELECT max(id) FROM callbacks), '');
UPDATE state SET route_events_to = calls_to;
`
