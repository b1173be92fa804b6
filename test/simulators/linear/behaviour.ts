/** What Linear does and its schema does not say. Section numbers are those of the upstream notes; the rest was seen in other clients' recorded answers. */
export const BEHAVIOUR = {
  /** 2.2: without `first` a connection has 50 rows. */
  defaultFirst: 50,
  /** 2.2: more is refused as invalid input. */
  maxFirst: 250,
  /** 2.5, linear.app/developers/rate-limiting: 0.1 a property, 1 an object, a connection multiplies its children. */
  propertyPoints: 0.1,
  objectPoints: 1,
  maxComplexity: 10_000,
  /** 2.5: an hour's requests and points, of a personal key and of an OAuth token. The number of requests has changed over the years. */
  requestsPerHour: { key: 2_500, oauth: 5_000 },
  complexityPerHour: { key: 3_000_000, oauth: 2_000_000 },
  periodMs: 3_600_000,
  /** 2.6: anything but 200 within five seconds is sent again. */
  webhookTimeoutMs: 5_000,
  webhookAttempts: 4,
  webhookRetryMs: 60_000,
  /** linear.app/developers/rate-limiting: endpoints with limits of their own; the numbers are not published. */
  endpointLimits: {} as Readonly<Record<string, number>>,
} as const;

/** 2.5 (SDK error.ts) for the types; codes and messages as recorded by other clients. `statusCode` is said in the body, `http` on the wire. */
export const ERRORS = {
  validation: { code: "GRAPHQL_VALIDATION_FAILED", type: "graphql error", statusCode: 400, http: 400 },
  syntax: { code: "GRAPHQL_PARSE_FAILED", type: "graphql error", statusCode: 400, http: 400 },
  input: { code: "INPUT_ERROR", type: "invalid input", statusCode: 400, http: 200 },
  bearer: { code: "INPUT_ERROR", type: "invalid input", statusCode: 400, http: 400 },
  complexity: { code: "INPUT_ERROR", type: "invalid input", statusCode: 400, http: 400 },
  authentication: { code: "AUTHENTICATION_ERROR", type: "authentication error", statusCode: 401, http: 401 },
  forbidden: { code: "FORBIDDEN", type: "forbidden", statusCode: 403, http: 200 },
  ratelimited: { code: "RATELIMITED", type: "ratelimited", statusCode: 429, http: 400 },
} as const;
