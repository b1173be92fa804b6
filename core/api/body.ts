import { Refused } from "#core/error.ts";

const MAX_BYTES = 1_000_000;
const LIMIT = "1 MB";

/** The body's text, read no further than allowed. Throws `body_too_large`, and `unsupported_media_type` for what is not sent as JSON. */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) throw new Refused("body_too_large", { limit: LIMIT });
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Refused("body_too_large", { limit: LIMIT });
    chunks.push(chunk);
  }
  // A form of another site can be sent without asking; JSON cannot.
  if (bytes > 0 && !/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) throw new Refused("unsupported_media_type");
  return Buffer.concat(chunks).toString("utf8");
}

/** No body counts as an empty object: a verb whose fields all have defaults needs none. */
export function parseBody(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused("validation_error", { problem: "the body is not JSON" });
  }
}
