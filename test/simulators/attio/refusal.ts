import { CODES } from "#test/simulators/attio/behaviour.ts";

/** An answer that Attio gives in place of the data: status, code and message, as in its error bodies. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const notFound = (what: string): Refusal => new Refusal(404, "not_found", `${what} not found.`);

export function errorBody(status: number, code: string, message: string): Record<string, unknown> {
  return { status_code: status, type: CODES[code] ?? "invalid_request_error", code, message };
}
