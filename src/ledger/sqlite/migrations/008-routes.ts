/**
 * The callbacks of a route are found by its events, of which there are a few: an index by route alone said the same
 * again, and cost every callback a place in the middle of it.
 */
export const WITHOUT_ROUTE_INDEX = `
DROP INDEX IF EXISTS callbacks_by_route;
`
