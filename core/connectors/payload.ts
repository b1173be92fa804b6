/** A webhook's body: nothing in it is believed, only names of things are taken from it. */
export type Payload = Readonly<Record<string, unknown>>;

/** The body as an object; an empty one when it is no JSON, or no object. */
export function parse(body: Uint8Array): Payload {
  try {
    return record(JSON.parse(Buffer.from(body).toString("utf8")));
  } catch {
    return {};
  }
}

export const record = (value: unknown): Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : {};

/** An event's name as it is kept; "?" for what is no name. */
export const word = (value: unknown): string => (typeof value === "string" && /^[\w.:-]{1,100}$/.test(value) ? value : "?");

/** An id that can be part of an address; undefined for anything else. */
export const id = (value: unknown): string | undefined => (typeof value === "string" && /^[\w-]{1,100}$/.test(value) ? value : undefined);
