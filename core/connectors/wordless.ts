/** The fields, of any source, that hold what people wrote; whole, whatever is in them. */
const WORDS = new Set([
  "content",
  "content_attributes",
  "content_markdown",
  "content_plaintext",
  "processed_message_content",
  "messages",
  "last_non_activity_message",
  "body",
  "bodyData",
  "quotedText",
  "description",
  "documentContent",
  "title",
]);
const DEPTH = 40;

/**
 * A record without what people wrote in it: what is left says whose it is and why it could not be read. A set-aside record may be deleted at its source
 * without anybody here hearing of it, so its words are not kept in the first place.
 */
export function wordless(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => wordless(item, depth + 1));
  const kept = Object.entries(value).filter(([key]) => !WORDS.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, wordless(item, depth + 1)]));
}
