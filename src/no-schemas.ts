/** Options for a Fastify server none of whose routes has a schema: its compilers, a tenth of a start, are never loaded. */
export const noSchemas = {
  schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
}

function unused(): never {
  throw new Error('no route has a schema')
}
