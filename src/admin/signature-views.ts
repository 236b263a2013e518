// The signature doctor in the JSON of the admin API; part of api.ts.

/** What to examine: a callback that was refused or let in with a warning, or a request that is pasted. */
export interface SignatureDoctorRequest {
  readonly callback?: string | undefined
  /** An HTTP request as text: request line, headers, an empty line, the body. */
  readonly raw?: string | undefined
  /** When a pasted request came, milliseconds since the epoch; without it its age is not judged. */
  readonly received_at?: number | undefined
}

/** One thing that was found, with what to change. Never holds a signature or a key. */
export interface SignatureAdvice {
  /** For programs: `scheme`, `host`, `port`, `trailing_slash`, `query`, `older_secret`, `body`, `no_key`, … */
  readonly code: string
  readonly text: string
  /** What to change; empty where nothing is to be done. */
  readonly remedy: string
}

export interface SignatureDiagnosis {
  /** Null for a request that was pasted. */
  readonly callback: string | null
  /** Id of the route or account that it came in at. */
  readonly route: string
  /** Why it was refused; empty when it was not. */
  readonly reason: string
  /** Null when only the reason is known, because more came than are examined. */
  readonly examined_at: number | null
  /** How many ways of signing were tried. */
  readonly tried: number
  readonly advice: readonly SignatureAdvice[]
}
