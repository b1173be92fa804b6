/**
 * What Linear does and its schema does not say, each line with the place that says it.
 *
 * What nobody has written down is here as the harder case for a reader that polls by `updatedAt`. A relation moves neither issue's, a comment not its
 * issue's, and a renamed label, state or person nobody's; archiving, trashing and restoring do. What is deleted for good is in no list, not even among
 * the archived.
 */
export const BEHAVIOUR = {
  /** linear.app/developers/pagination, where neither `first` nor `last` is given. */
  defaultFirst: 50,
  /** Not published; the refusal of more is what many clients report, and what they all page by. */
  maxFirst: 250,
  /** linear.app/developers/rate-limiting: 0.1 a property, 1 an object, a connection multiplies its children; 10,000 is the most for one query. */
  propertyPoints: 0.1,
  objectPoints: 1,
  maxComplexity: 10_000,
  /** linear.app/developers/rate-limiting: of a personal key and of an OAuth token. The number of requests has changed over the years. */
  requestsPerHour: { key: 2_500, oauth: 5_000 },
  complexityPerHour: { key: 3_000_000, oauth: 2_000_000 },
  periodMs: 3_600_000,
  /** linear.app/developers/webhooks: anything but 200 within five seconds is sent again a few times, later each time. */
  webhookTimeoutMs: 5_000,
  webhookAttempts: 4,
  webhookRetryMs: 60_000,
} as const;

/** Types: packages/sdk/src/error.ts of linear/linear. Codes, messages and statuses: recorded by other clients. `statusCode` is said in the body, `http` on the wire. */
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
