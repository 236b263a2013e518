/**
 * For filters that many rows nearly fit: a rare outcome is not looked for among all failures there ever were, nor an
 * event of one route among those of all routes.
 */
export const FILTER_INDEXES = `
CREATE INDEX callbacks_by_outcome ON callbacks (last_outcome, result, id) WHERE result NOT IN ('delivered', 'pending');
CREATE INDEX callbacks_by_route_event ON callbacks (route, event, id);
`
