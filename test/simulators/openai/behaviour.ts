/** What the real service does and its published description does not say, each line with where it is known from. */
export const BEHAVIOUR = {
  /** CreateEmbeddingRequest.input, in words: tokens of one text, and of all texts of a request; the number of texts is in the schema. */
  tokensPerText: 8_192,
  tokensPerRequest: 300_000,
  /** developers.openai.com/api/docs/guides/embeddings: what a model gives when no `dimensions` are asked for. */
  dimensions: { "text-embedding-3-small": 1_536, "text-embedding-3-large": 3_072, "text-embedding-ada-002": 1_536 } as Record<
    string,
    number
  >,
  /** platform.openai.com/docs/guides/error-codes: the bodies of refusals. */
  badKey: refusal("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
  throttled: refusal("Rate limit reached.", "requests", "rate_limit_exceeded"),
  quota: refusal("You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
  broken: refusal("The server had an error.", "server_error", null),
} as const;

export function refusal(message: string, type: string, code: string | null) {
  return { error: { message, type, param: null, code } };
}
