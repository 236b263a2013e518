import { z } from 'zod'

import type { Role } from './api.ts'
import { InvalidRequest } from './problem.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Who asks. */
export interface Caller {
  readonly name: string
  readonly role: Role
}

/** What the gate looks at in a request. */
export interface Visitor {
  readonly ip: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What an endpoint gives back; the server turns it into a response. */
export type Answer =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly body: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly contentType: string
      /** As bytes it is UTF-8. */
      readonly text: string | Uint8Array
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'stream'
      readonly contentType: string
      readonly headers: Readonly<Record<string, string>>
      readonly chunks: AsyncIterable<string | Uint8Array>
    }
  | { readonly kind: 'empty'; readonly headers?: Readonly<Record<string, string>> }

/** A request as it came, not yet checked. */
export interface RawRequest {
  readonly visitor: Visitor
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Aborted when the client went away or the server stops. */
  readonly signal: AbortSignal
}

/** What the successful answer looks like, for the OpenAPI document. */
interface AnswerDoc {
  readonly status: number
  readonly description: string
  readonly contentType?: string
  readonly schema?: z.ZodType
}

/** One operation of the admin port: its checks, its documentation and its work. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string
  /** Least role; `public` asks for no token. */
  readonly role: Role | 'public'
  readonly tag: string
  readonly summary: string
  /** A POST that changes nothing and only has too much to say for a URL; not a change for the audit log. */
  readonly isQuestion?: boolean | undefined
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: z.ZodType | undefined
  readonly answer: AnswerDoc
  /** Checks the request and does the work. Throws InvalidRequest or a RingbackError. */
  run(request: RawRequest): Promise<Answer>
}

const nothing = z.strictObject({})
type Nothing = typeof nothing

interface Spec<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: Endpoint['method']
  readonly path: string
  readonly role: Endpoint['role']
  readonly tag: string
  readonly summary: string
  readonly isQuestion?: boolean
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly answer: AnswerDoc
  handle(input: {
    readonly params: z.output<Params>
    readonly query: z.output<Query>
    readonly body: z.output<Body>
    readonly request: RawRequest
  }): Promise<Answer> | Answer
}

/** Makes an endpoint whose handler is only ever given what its schemas let through. */
export function endpoint<
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Params, Query, Body>): Endpoint {
  const { params = nothing, query = nothing, body } = spec
  return {
    method: spec.method,
    path: spec.path,
    get role() {
      return spec.role // asked each time: a reload may change it
    },
    tag: spec.tag,
    summary: spec.summary,
    isQuestion: spec.isQuestion,
    params,
    query,
    body,
    answer: spec.answer,
    run: async (request) => {
      // Safe: `nothing` stands in exactly where the type parameter has its default.
      const input = {
        params: checked(params, request.params ?? {}, 'path') as z.output<Params>,
        query: checked(query, request.query ?? {}, 'query') as z.output<Query>,
        body: (body === undefined
          ? undefined
          : checked(body, request.body ?? undefined, 'body')) as z.output<Body>,
        request,
      }
      return spec.handle(input)
    },
  }
}

function checked(schema: z.ZodType, value: unknown, place: string): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new InvalidRequest(
    parsed.error.issues.map((issue) => ({
      field: [place, ...issue.path.map(String)].join('.'),
      message: issue.message,
    })),
  )
}

export function json(body: unknown, status = 200): Extract<Answer, { kind: 'json' }> {
  return { kind: 'json', status, body }
}

/** JSON that is written already. */
export function jsonText(text: Uint8Array): Answer {
  return { kind: 'text', status: 200, contentType: JSON_TYPE, text }
}
