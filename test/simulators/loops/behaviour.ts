/** What the real service does and its published description does not say or says wrongly, each line with where it is known from. */
export const BEHAVIOUR = {
  /** loops.so/docs/api-reference/intro: 10 requests a second and team, told by x-ratelimit-limit and x-ratelimit-remaining; a 429 has no Retry-After. */
  requestsPerSecond: 10,
  /** The description lists 429 for 2 of its 64 operations: any may answer it. What its body says is not published. */
  throttled: { success: false, message: "Rate limit exceeded." },
  /** Bodies of 401 and 405 are not described, but for GET /v1/api-key. */
  badKey: { success: false, message: "Invalid API key", error: "Invalid API key" },
  badMethod: { success: false, message: "Method not allowed" },
  /** ContactSuppressionRemovalQuota: "allowed in a rolling 30 day period"; the number is an example's. */
  removals: 100,
  removalDays: 30,
  /** Standard Webhooks, which Loops follows: tried again after an answer other than 2xx. The waits are ours, for tests. */
  webhookTimeoutMs: 15_000,
  webhookAttempts: 4,
  webhookRetryMs: 50,
} as const;

/** loops.so/docs/contacts/properties: what every contact has, and no custom property may be called. */
export const OWN_PROPERTIES = [
  { key: "email", label: "Email", type: "string" },
  { key: "firstName", label: "First Name", type: "string" },
  { key: "lastName", label: "Last Name", type: "string" },
  { key: "notes", label: "Notes", type: "string" },
  { key: "source", label: "Source", type: "string" },
  { key: "userGroup", label: "User Group", type: "string" },
  { key: "userId", label: "User Id", type: "string" },
  { key: "subscribed", label: "Subscribed", type: "boolean" },
  { key: "createdAt", label: "Created At", type: "date" },
] as const;
