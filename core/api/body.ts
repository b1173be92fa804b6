import { Refused } from "#core/error.ts";

const MAX_BYTES = 1_000_000;

/** The body as it came, read no further than allowed. Throws `body_too_large`. */
export async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const limit = `${maxBytes / 1_000_000} MB`;
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw new Refused("body_too_large", { limit });
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Refused("body_too_large", { limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body's text. Throws `body_too_large`, and `unsupported_media_type` for what is not sent as JSON. */
export async function readBody(request: Request): Promise<string> {
  const bytes = await readBytes(request, MAX_BYTES);
  // A form of another site can be sent without asking; JSON cannot.
  if (bytes.length > 0 && !/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    throw new Refused("unsupported_media_type");
  return bytes.toString("utf8");
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
